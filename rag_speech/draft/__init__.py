"""DRAFT: one conversation a speech, part after part; length; and the speech put together."""
