"""Telegram: handlers, access, delivery."""
