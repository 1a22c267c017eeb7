"""How fast srcli is on this machine, and what that is a share of."""
