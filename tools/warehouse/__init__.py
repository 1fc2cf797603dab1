"""The canonical tables: where they are, how they are filled, what is in them."""
