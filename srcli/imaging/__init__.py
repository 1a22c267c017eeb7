"""Pictures in files and in memory: decode, encode, colour, alpha, resize, metadata."""
