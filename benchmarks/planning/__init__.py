"""What the benchmark of matching is made of: problems, peers, and the lines of its table."""
