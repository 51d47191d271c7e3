"""What a speech is asked to be: the brief, requests in words, the occasions."""
