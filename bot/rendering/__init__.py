"""From an Answer to what the user sees: text, tables, pictures, files, keyboards."""
