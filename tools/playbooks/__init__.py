"""Answers from the team's documents: quotes, whole sections, votes, and what is missing."""
