"""One module for each way in which the tool `playbook` answers."""
