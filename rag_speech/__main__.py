"""``python -m rag_speech``: the command line without its script."""

from __future__ import annotations

from rag_speech.cli import main

if __name__ == "__main__":
    main()
