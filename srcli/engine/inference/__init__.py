"""Batches of pictures through an open session, in the layout and the type that its file wants."""
