"""One module per use case, built from pictures, generators and metrics."""
