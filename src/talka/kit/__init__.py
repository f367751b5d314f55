"""Domain-free and I/O-free building blocks: errors, ids, money, time, registry, wire shapes."""
