"""Side-by-side measurements against peers, each in one run: `python -m bench [NAME …]`."""
