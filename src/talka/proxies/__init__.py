"""Proxies: servers of requesters that workers reach through the domain of the platform."""
