"""Metrics and dimensions: the catalog, periods, and the queries they become."""
