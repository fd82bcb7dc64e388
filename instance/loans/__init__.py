"""Labour asked of allies and lent to them."""
