"""The tables of words out and words in."""
