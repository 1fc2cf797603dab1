"""From a question to tool calls, a question back, or a refusal."""
