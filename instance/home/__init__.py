"""Screens over many features: my week, today's board, the co-op's administration."""
