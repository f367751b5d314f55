"""Texts are put into classes."""

from __future__ import annotations

from decimal import Decimal

from talka.apps.solutions import interface
from talka.apps.solutions.base import field
from talka.apps.solutions.classification import Classification


class TextClassification(Classification):
    """Which class a text has."""

    id = "text-classification"
    name = "Text classification"
    description = "Workers say which of your classes a text has: what it is about, how it sounds, whether it is right."
    examples = ("Is the review good or bad?", "Which category does the advertisement belong to?")
    format = {"text": "The text", "id": "Your own id (optional)"}  # noqa: RUF012
    icon = '<path d="M12 18h40M12 28h40M12 38h28"/><rect x="44" y="36" width="10" height="10"/>'
    answer_price = Decimal("0.01")
    seconds = 900
    input_spec = {  # noqa: RUF012
        "id": field("string", required=False),
        "text": field("string", min_length=1, max_length=50_000),
    }

    def item_view(self) -> list[interface.Node]:
        """The text."""
        return [{"type": "view.text", "content": interface.shown("text")}]
