"""What the tool `metrics` answers: single figures, and figures by group."""
