"""The answers of the tool `inventory`, one file for each thing to show."""
