"""The way in over HTTP: bodies, repeats of a request, and the views that hand rows to the engine."""
