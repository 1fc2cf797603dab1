"""What the tool `segments` answers: customers of a rule, groups, saved segments."""
