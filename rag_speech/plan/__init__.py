"""PLAN: what each paragraph says, from what, in how many 字; and the frame that code writes."""
