"""What a digest may hold: one section a file, found by discovery."""
