"""What the benchmark of the federation is made of: who speaks, bare floors, clients, instances."""
