"""The apps that there are: one module and one line here each."""

from __future__ import annotations

from typing import Any

from talka.apps.solutions.base import App
from talka.apps.solutions.image_classification import ImageClassification
from talka.apps.solutions.side_by_side import SideBySide
from talka.apps.solutions.text_classification import TextClassification
from talka.apps.solutions.transcription import Transcription
from talka.kit.registry import Registry

__all__ = ["APPS", "App"]

APPS: Registry[App[Any]] = Registry("app")
for _app in (ImageClassification(), SideBySide(), TextClassification(), Transcription()):
    APPS.add(_app.id, _app)
