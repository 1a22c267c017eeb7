"""Errors, array types, geometry and the model card: imports nothing of ours."""
