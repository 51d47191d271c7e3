"""Reading Chinese: sentences, figures, names, places. Stands on types alone; checks and stages stand on it."""
