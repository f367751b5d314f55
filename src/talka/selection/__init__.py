"""Which workers a pool is for: the filter tree of conditions, kept as it was sent."""
