"""Results of a pool as files."""
