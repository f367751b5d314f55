"""The HTTP edge that every capability shares: bodies, errors, lists, the middleware around all of it."""
