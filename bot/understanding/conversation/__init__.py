"""A message in its conversation: choices, corrections, follow-ups, and several questions in one."""
