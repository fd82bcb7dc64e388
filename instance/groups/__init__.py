"""Groups, who belongs to them, and what homes share about their members."""
