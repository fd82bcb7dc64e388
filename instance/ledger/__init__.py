"""Who owes whom how much: minutes and money between two accounts."""
