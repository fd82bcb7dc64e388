"""What co-ops have is spreadsheets: people, availability and jobs read in, and written out."""
