"""The steps of reading a question, in the order in which `bot.understanding.interpret` takes them."""
