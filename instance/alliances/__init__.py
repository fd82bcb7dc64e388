"""Two groups that agreed to lend each other labour, and on which terms."""
