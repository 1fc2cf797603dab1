"""Figures that are watched: rules, detection, incidents."""
