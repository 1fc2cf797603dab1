"""Digests that people subscribe to: when they are due, and what they tell."""
