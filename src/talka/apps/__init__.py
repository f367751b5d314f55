"""Ready solutions: apps, projects of them, items in batches, and the pools that work behind them."""
