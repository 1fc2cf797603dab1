"""Answers that somebody found wrong, with the plan behind them, until an admin has judged them."""
