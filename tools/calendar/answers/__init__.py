"""What the tool `calendar` answers."""
