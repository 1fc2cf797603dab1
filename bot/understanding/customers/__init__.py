"""Questions about who the customers are: rules, groups, who leaves, what they are worth, what to offer them."""
