"""One module per command: parse, call one pipeline function, print."""
