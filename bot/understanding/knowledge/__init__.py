"""Which questions go to the team's playbooks: for a meaning, for advice, and for what only documents tell."""
