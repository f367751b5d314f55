"""Two pictures or texts are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from talka.apps.model import Answers, Verdict
from talka.apps.solutions import interface
from talka.apps.solutions.base import MAX_CONTROLS, App, Control, Examples, Parameters, field
from talka.apps.solutions.votes import vote
from talka.kit.errors import FieldError, FieldErrors

EQUAL = "equal"


class KnownWinner(Control):
    """An item of which is known which one is better."""

    result: Literal["left", "right", "equal"]


class SideBySideParameters(Parameters):
    """What is compared, and whether the two can be equally good."""

    option_content_type: Literal["image", "text"]
    option_equal: bool | None = None
    instruction_examples: Examples | None = None
    control_items: Annotated[list[KnownWinner], Field(max_length=MAX_CONTROLS)] | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """Known results are answers that workers can give."""
        errors: FieldErrors = dict(super().cross_check(raw))
        controls = raw.get("control_items")
        for index, control in enumerate(controls if isinstance(controls, list) else ()):
            equal = isinstance(control, dict) and control.get("result") == EQUAL
            if equal and raw.get("option_equal") is not True:
                text = "Needs option_equal"
                errors[f"control_items.{index}.result"] = FieldError("VALUE_NOT_ALLOWED", text)
        return errors

    @property
    def controls(self) -> Sequence[KnownWinner]:
        """The items of which is known which one is better."""
        return self.control_items or ()

    @property
    def choices(self) -> list[interface.Choice]:
        """The answers."""
        both = [("left", "Left"), ("right", "Right")]
        return [*both, (EQUAL, "Equal")] if self.option_equal else both


class SideBySide(App[SideBySideParameters]):
    """Which of two is better."""

    id = "side-by-side"
    name = "Side-by-side comparison"
    description = "Workers say which of two pictures or texts is better, or fits a query better."
    constraints = "Two pictures or two texts an item, with a query if you like."
    examples = ("Which design looks better?", "Which answer fits the question?")
    format = {  # noqa: RUF012
        "left": "Address of a picture, or a text",
        "right": "What it is compared with",
        "query": "What both are measured by (optional)",
        "id": "Your own id (optional)",
    }
    icon = '<rect x="8" y="16" width="22" height="32" rx="3"/><rect x="34" y="16" width="22" height="32" rx="3"/>'
    answer_price = Decimal("0.01")
    overlap = 5
    seconds = 900
    parameters = SideBySideParameters
    input_spec = {  # noqa: RUF012
        "id": field("string", required=False),
        "left": field("string", min_length=1, max_length=50_000),
        "right": field("string", min_length=1, max_length=50_000),
        "query": field("string", required=False, max_length=10_000),
    }
    output_spec = {"result": field("string"), "confidence": field("float", required=False)}  # noqa: RUF012

    def inputs(self, parameters: SideBySideParameters) -> dict[str, Any]:
        """Pictures are given by their addresses."""
        if parameters.option_content_type == "text":
            return dict(self.input_spec)
        return {**self.input_spec, "left": field("url"), "right": field("url")}

    def outputs(self, parameters: SideBySideParameters) -> dict[str, Any]:
        """One of the two, or neither."""
        return {"result": field("string", allowed_values=[value for value, _ in parameters.choices])}

    def view(self, parameters: SideBySideParameters) -> dict[str, Any]:
        """The query above, the two beside each other, the question below."""
        sides = [_side(parameters.option_content_type, name) for name in ("left", "right")]
        asked = {"type": "view.text", "label": "Query", "content": interface.shown("query")}
        given = {"type": "condition.required", "data": interface.shown("query")}
        items: list[interface.Node] = [
            {"type": "helper.if", "condition": given, "then": asked},
            {"type": "layout.columns", "items": sides},
            interface.one_of(
                "field.button-radio-group",
                parameters.instruction_question or "Which one is better?",
                "result",
                parameters.choices,
            ),
        ]
        return interface.page(items, interface.keys_to_set("result", parameters.choices))

    def instructions(self, parameters: SideBySideParameters) -> str:
        """The introduction and the examples."""
        return interface.instructions(parameters.instruction_intro, (), parameters.instruction_examples or ())

    def known(self, parameters: SideBySideParameters, control: KnownWinner) -> dict[str, Any]:
        """The better one."""
        return {"result": control.result}

    def agrees(self, said: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
        """The same one."""
        return bool(said.get("result") == known["result"])

    def judge(self, parameters: SideBySideParameters, answers: Answers) -> Verdict:
        """The one with most votes."""
        values = [value for value, _ in parameters.choices]
        said = [values.index(answer.values["result"]) for answer in answers]
        winner, confidence = vote(said, [answer.accuracy for answer in answers], len(values))
        return Verdict(values[winner], confidence)


def _side(kind: str, name: str) -> interface.Node:
    value = interface.shown(name)
    return {"type": "view.image", "url": value} if kind == "image" else {"type": "view.text", "content": value}
