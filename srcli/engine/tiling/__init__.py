"""Pictures of any size through a generator: windows cut, run, checked and put together."""
