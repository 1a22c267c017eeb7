"""Making low-resolution pictures from high-resolution ones, as papers and as cameras do."""
