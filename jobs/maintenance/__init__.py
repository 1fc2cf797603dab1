"""What keeps the product in order: imports, retraining, scoring, clean-up, backups; and when each last ran."""
