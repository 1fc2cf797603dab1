"""A local Bot API server with a chat page: Telegram for trying and for tests."""
