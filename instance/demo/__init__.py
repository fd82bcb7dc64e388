"""Three co-ops on one machine, with people and work, for newcomers to walk through."""
