"""Where speeches are kept: the library file (SQLite) and its vector index (Chroma)."""
