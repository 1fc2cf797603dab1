"""What the tool `forecast` answers: one figure, figures by value of a dimension, and how earlier forecasts came out."""
