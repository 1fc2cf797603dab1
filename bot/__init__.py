"""How it talks: understanding, rendering, Telegram, sandbox and command line."""
