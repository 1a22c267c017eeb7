"""Pictures in stores: object stores, servers and archives, by fsspec; local files load nothing of it."""
