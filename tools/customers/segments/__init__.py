"""Rules to customers: checked, compiled, put in words, measured, and saved under a name."""
