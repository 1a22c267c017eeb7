"""Generators of other tools: read, examined, and put into the user's folder."""
