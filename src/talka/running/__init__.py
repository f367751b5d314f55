"""What moves pools: opening, closing, archiving, cloning, by hand and by themselves, and their counters."""
