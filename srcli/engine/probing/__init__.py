"""What is found out about a generator by running it on small pictures."""
