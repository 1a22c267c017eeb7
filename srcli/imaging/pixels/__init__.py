"""Arithmetic on arrays of pixels: resize, alpha, orientation, integers."""
