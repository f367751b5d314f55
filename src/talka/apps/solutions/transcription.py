"""What is written on pictures is typed out."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from talka.apps.model import Answers, Verdict
from talka.apps.solutions import interface
from talka.apps.solutions.base import MAX_CONTROLS, App, Control, Examples, Parameters, field
from talka.apps.solutions.votes import DIGITS
from talka.kit.documents import Name, at_most

MAX_LENGTH = 10_000


class KnownText(Control):
    """A picture of which is known what is written on it."""

    result: Annotated[Name, at_most(MAX_LENGTH)]


class TranscriptionParameters(Parameters):
    """Nothing more than what every app has, and examples."""

    instruction_examples: Examples | None = None
    control_items: Annotated[list[KnownText], Field(max_length=MAX_CONTROLS)] | None = None

    @property
    def controls(self) -> Sequence[KnownText]:
        """The pictures of which is known what is written on them."""
        return self.control_items or ()


def normalised(text: str) -> str:
    """What of a text counts: not its case, its white space, or how its characters are composed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class Transcription(App[TranscriptionParameters]):
    """What is written on a picture."""

    id = "transcription"
    name = "Transcription"
    description = "Workers type out what is written on a picture: a label, a sign, a page of a form."
    constraints = f"Up to {MAX_LENGTH} characters an item."
    examples = ("What is the number of the house?", "Type the text of the receipt")
    format = {"image_url": "Address of the picture", "id": "Your own id (optional)"}  # noqa: RUF012
    icon = '<path d="M12 16h40v32H12z"/><path d="M20 26h24M20 34h24M20 42h12"/>'
    answer_price = Decimal("0.02")
    seconds = 1_800
    parameters = TranscriptionParameters
    input_spec = {"id": field("string", required=False), "image_url": field("url")}  # noqa: RUF012
    output_spec = {"result": field("string"), "confidence": field("float", required=False)}  # noqa: RUF012

    def outputs(self, parameters: TranscriptionParameters) -> dict[str, Any]:
        """The text."""
        return {"result": field("string", min_length=1, max_length=MAX_LENGTH)}

    def view(self, parameters: TranscriptionParameters) -> dict[str, Any]:
        """The picture, and a field to type in."""
        written = {
            "type": "field.textarea",
            "label": parameters.instruction_question or "What is written here?",
            "data": interface.answer("result"),
            "validation": {"type": "condition.required"},
        }
        return interface.page([{"type": "view.image", "url": interface.shown("image_url")}, written])

    def instructions(self, parameters: TranscriptionParameters) -> str:
        """The introduction and the examples."""
        return interface.instructions(parameters.instruction_intro, (), parameters.instruction_examples or ())

    def known(self, parameters: TranscriptionParameters, control: KnownText) -> dict[str, Any]:
        """The text."""
        return {"result": control.result}

    def agrees(self, said: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
        """The same text, as far as it counts."""
        return normalised(str(said.get("result"))) == normalised(str(known["result"]))

    def judge(self, parameters: TranscriptionParameters, answers: Answers) -> Verdict:
        """The text that most agree on, in the spelling that most of those gave it; its share of the votes."""
        readings: dict[str, dict[str, float]] = {}
        for answer in answers:
            text = " ".join(str(answer.values["result"]).split())
            spellings = readings.setdefault(normalised(text), {})
            spellings[text] = spellings.get(text, 0) + answer.accuracy
        weights = {reading: round(sum(spellings.values()), 12) for reading, spellings in readings.items()}
        # Of equal ones the first that was given.
        winner = max(weights, key=lambda reading: weights[reading])
        spellings = readings[winner]
        text = max(spellings, key=lambda spelling: round(spellings[spelling], 12))
        return Verdict(text, round(weights[winner] / sum(weights.values()), DIGITS))
