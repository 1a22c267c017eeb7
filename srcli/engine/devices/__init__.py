"""Where generators can run: one file for each kind of device, and their registry."""
