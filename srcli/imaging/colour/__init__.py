"""What colours mean: profiles, primaries, curves; planes for generators."""
