"""Measuring results against references: finding pairs of files, comparing them, summing up."""
