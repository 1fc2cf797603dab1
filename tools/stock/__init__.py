"""Stock against demand: cover, risk of running out, reorders, slow movers, classes."""
