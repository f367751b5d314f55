"""Requesters and workers: who they are, their keys and sessions."""
