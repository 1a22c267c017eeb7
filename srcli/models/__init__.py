"""Model cards on disk: look-up and verification."""
