"""The command line, a file for each kind of thing one does with it."""
