"""Pictures are put into classes."""

from __future__ import annotations

from decimal import Decimal

from talka.apps.solutions import interface
from talka.apps.solutions.base import field
from talka.apps.solutions.classification import Classification


class ImageClassification(Classification):
    """Which class a picture has."""

    id = "image-classification"
    name = "Image classification"
    description = "Workers say which of your classes a picture has: what is on it, or how good it is."
    examples = ("Is the driver wearing a seat belt?", "What kind of shoe is it?")
    format = {"image_url": "Address of the picture", "id": "Your own id (optional)"}  # noqa: RUF012
    icon = '<rect x="10" y="14" width="44" height="36" rx="4"/><path d="M14 46l12-14 9 9 6-6 9 11"/>'
    answer_price = Decimal("0.01")
    seconds = 600
    input_spec = {"id": field("string", required=False), "image_url": field("url")}  # noqa: RUF012

    def item_view(self) -> list[interface.Node]:
        """The picture."""
        return [{"type": "view.image", "url": interface.shown("image_url")}]
