"""Forecasts of the store's figures: their series, events ahead, parts that add up, and the record of what was said."""
