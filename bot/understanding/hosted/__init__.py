"""A language model, hosted or of one's own: what it is asked, what it is shown, and what of its words is believed."""
