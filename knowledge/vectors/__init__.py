"""The model of meaning and the index of its vectors."""
