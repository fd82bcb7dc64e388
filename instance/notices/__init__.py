"""Lines for a person to read, here and by e-mail."""
