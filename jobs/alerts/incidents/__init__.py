"""Incidents: what becomes of an alarm until it is over, who is told, and who says so. Pure values and functions."""
