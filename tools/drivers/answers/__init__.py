"""A change put into words, facts, a table and a picture."""
