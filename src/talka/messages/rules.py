"""Who writes again what they have just written."""

from __future__ import annotations

from collections.abc import Sequence

from talka.messages.model import Message, Texts


def said_already(messages: Sequence[Message], worker_id: int, text: Texts) -> bool:
    """Whether the last message (newest first) is the worker's and says the same: a second click, or a repeated call."""
    return bool(messages) and messages[0].worker_id == worker_id and dict(messages[0].text) == dict(text)
