"""One reader for each format: what a file's header says, and its frames, whole or row by row."""
