"""A folder whose pictures are enlarged as they arrive."""
