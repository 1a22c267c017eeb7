"""What a file says beside its pixels: collected, made true of the larger picture, fitted to a format."""
