"""Runs in the client's environment: scenarios that call everything public in the client on a running server."""
