"""Talka, a self-hosted crowd platform: people label data, the requester gets answers of known quality."""

__version__ = "0.1.0"
