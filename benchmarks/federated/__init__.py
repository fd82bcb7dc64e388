"""A network of groups that plan apart and lend each other people, as the protocol has it."""
