"""What the bot does with each kind of update, one module a kind."""
