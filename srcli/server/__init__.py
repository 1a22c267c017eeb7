"""Pictures over HTTP: a page, an API, and the worker processes behind them (extra `serve`)."""
