"""What to offer to whom: purchases, models, pairs of products, and what can be bought at all."""
