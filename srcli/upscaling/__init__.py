"""The path of a picture through the generators, from its source to its sink."""
