"""Promotions and holidays: what ships with the product, what was imported, and what the team added."""
