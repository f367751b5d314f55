"""Benchmarks of Talka, each figure beside its floor in the same run."""
