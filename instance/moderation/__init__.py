"""Peers as administrators look after them: their health, and who is shut out or kept quiet."""
