"""What will be written, decided beforehand, and one writer for each format: row by row where it can be."""
