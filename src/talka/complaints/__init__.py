"""Complaints: what workers tell the operator about what a requester asks of them."""
