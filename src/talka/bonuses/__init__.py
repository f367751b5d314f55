"""Bonuses: money for workers beside the price of their pages, with or without a message."""
