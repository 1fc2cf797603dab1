"""What the tool says."""
