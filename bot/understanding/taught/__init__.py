"""The team's own words: taught by admins, read from then on like the catalog's."""
