"""Analytics: numbers about pools, asked for by name."""
