"""One module per group of addresses: each reads a request, calls the service and answers."""
