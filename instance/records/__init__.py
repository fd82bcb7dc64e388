"""Hours worked, confirmed by both sides."""
