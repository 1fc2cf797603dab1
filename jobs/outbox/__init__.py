"""Persist, then send: every push is a row with a key of its own before anything goes out."""
