"""One file a tool: every module here that defines `TOOL` can be asked."""
