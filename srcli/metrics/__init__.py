"""Full-reference quality metrics, one per file, pure functions on arrays."""
