"""Issuing: which page a worker gets, and which cards they see."""
