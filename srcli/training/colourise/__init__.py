"""Colour for grey photographs: the network of ``colourise`` and how it learns."""
