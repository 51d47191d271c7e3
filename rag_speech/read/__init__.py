"""READ: the brief sorted, the materials cut into statements, and what code does not let through."""
