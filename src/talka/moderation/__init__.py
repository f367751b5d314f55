"""Moderation: what operators must approve before it is opened for the first time, if they want to."""
