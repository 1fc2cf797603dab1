"""Who is leaving: behaviour, model, reasons, actions, and the record of what was predicted."""
