"""Assignments: a page that a worker holds, answers, skips or loses, and its review."""
