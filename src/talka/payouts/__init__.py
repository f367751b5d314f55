"""Payouts: what workers ask to be paid out, and what the operator does about it."""
