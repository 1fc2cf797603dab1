"""What the team knows: documents in, cited passages out."""
