"""Money: double entry between requesters, their holds, workers and the platform."""
