"""Generators that are loaded and ready to run, on one device or several."""
