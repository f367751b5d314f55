"""Simulated and replayed workers: they talk HTTP like anybody else and import no capability."""
