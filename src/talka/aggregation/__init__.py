"""Aggregated solutions: one answer per task out of many, with how sure it is."""
