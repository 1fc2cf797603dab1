"""Questions about what is to come, why a figure moved, what is on when, and how long the stock lasts."""
