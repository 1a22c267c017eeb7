"""What runs in a worker process: all that opens, enlarges or measures a picture."""
