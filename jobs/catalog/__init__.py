"""The tools that act on what is unasked."""
