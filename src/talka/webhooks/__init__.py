"""Webhook subscriptions: telling requesters' servers what happens in their pools."""
