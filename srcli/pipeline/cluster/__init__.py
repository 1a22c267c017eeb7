"""Runs over the machines of a Ray cluster: ``srcli upscale --cluster``."""
