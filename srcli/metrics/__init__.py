"""One metric per file, pure functions on arrays; the list of them; and the protocol of measuring."""
