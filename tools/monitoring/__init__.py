"""What is watched unasked: rules on metrics, and when they speak."""
