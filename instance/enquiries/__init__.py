"""What people ask groups from wherever they are, and what the groups answer."""
