"""Who the customers are and what they do: histories, rules, groups, and models of their behaviour."""
