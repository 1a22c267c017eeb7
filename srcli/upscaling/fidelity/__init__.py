"""Whether a larger picture still shows what the small one shows, and moving its colours back."""
