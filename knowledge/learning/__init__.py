"""From files to passages: what `learn` does."""
