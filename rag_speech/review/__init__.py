"""REVIEW: the model reads the whole speech and asks for edits; code applies those that hold."""
