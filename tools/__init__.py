"""What can be asked: each tool turns (context, arguments) into an Answer."""
