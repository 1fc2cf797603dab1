"""Why a figure moved between two periods: contributions that add up to the change."""
