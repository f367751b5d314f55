"""What all apps share: the shape of an app and the parameters that every one has."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import AfterValidator, Field

from talka.apps.model import Answers, Verdict
from talka.kit.documents import Document, JsonObject, Name, OpenDocument, Text, at_most
from talka.kit.errors import FieldErrors
from talka.kit.wire import Integer, wire_error
from talka.projects.fields import compile_checker, field_specs

MAX_OVERLAP = 30
MAX_CONTROLS = 500
MAX_EXAMPLES = 50
ITEM_ID = "id"
"""The input that only the requester needs: workers do not see it."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2,8})?")


def field(kind: str, *, required: bool = True, **limits: Any) -> dict[str, Any]:
    """A field of an input or output specification."""
    return {"type": kind, "required": required, "hidden": False, **limits}


def _language(value: str) -> str:
    if _LANGUAGE.fullmatch(value) is None:
        raise wire_error("UNKNOWN_ENUM_VALUE", "Must be a language code such as en or pt-br")
    return value


class Control(Document):
    """An item whose result is known: workers do it unawares, and how often they are right weighs their answers."""

    input_data: JsonObject


class Parameters(OpenDocument):
    """Parameters of every app; unknown ones are kept."""

    name: Annotated[Name, at_most(255)]
    default_language: Annotated[str, AfterValidator(_language)]
    instruction_intro: Annotated[Name, at_most(10_000)]
    instruction_question: Annotated[Name, at_most(1_000)] | None = None
    option_overlap: Annotated[Integer, Field(ge=1, le=MAX_OVERLAP)] | None = None
    option_adult_content: bool | None = None

    @property
    def controls(self) -> Sequence[Control]:
        """The items whose results are known."""
        return ()


class Example(Document):
    """An example for the instructions."""

    label: Annotated[Text, at_most(1_000)]
    description: Annotated[Text, at_most(5_000)] | None = None
    text: Annotated[Text, at_most(10_000)] | None = None
    image_url: Annotated[Text, at_most(2_000)] | None = None


Examples = Annotated[list[Example], Field(max_length=MAX_EXAMPLES)]
P = TypeVar("P", bound=Parameters)


class App(ABC, Generic[P]):
    """A ready solution; all that differs between them."""

    id: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]
    constraints: ClassVar[str]
    examples: ClassVar[Sequence[str]]
    format: ClassVar[Mapping[str, str]]
    """Input field → what it is, for people."""
    icon: ClassVar[str]
    """What is drawn on the picture of the app: SVG elements on a field of 64 by 64."""
    answer_price: ClassVar[Decimal]
    """US dollars for one answer."""
    overlap: ClassVar[int] = 3
    seconds: ClassVar[int]
    """How long a worker has for one item."""
    parameters: type[P]
    input_spec: ClassVar[Mapping[str, Any]]
    output_spec: ClassVar[Mapping[str, Any]]

    def inputs(self, parameters: P) -> dict[str, Any]:
        """What items of a project with these parameters have."""
        return dict(self.input_spec)

    @abstractmethod
    def outputs(self, parameters: P) -> dict[str, Any]:
        """What workers answer."""

    @abstractmethod
    def view(self, parameters: P) -> dict[str, Any]:
        """The interface, as a configuration of the Template Builder."""

    @abstractmethod
    def instructions(self, parameters: P) -> str:
        """HTML for workers."""

    @abstractmethod
    def known(self, parameters: P, control: Any) -> dict[str, Any]:
        """The right answer to an item whose result is known."""

    @abstractmethod
    def agrees(self, said: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
        """Whether an answer is the known one."""

    @abstractmethod
    def judge(self, parameters: P, answers: Answers) -> Verdict:
        """What the answers to one item (one at least) come to."""

    def copies(self, parameters: P) -> int:
        """How many workers answer each item."""
        return parameters.option_overlap or self.overlap

    def control_errors(self, parameters: P) -> FieldErrors:
        """What is wrong with the inputs of items whose results are known."""
        check = compile_checker(field_specs(self.inputs(parameters)))
        errors: FieldErrors = {}
        for index, control in enumerate(parameters.controls):
            errors |= check(control.input_data, f"control_items.{index}.input_data")
        return errors


def seen_by_workers(values: Mapping[str, Any]) -> dict[str, Any]:
    """An item's input, or the specification of it, without what only its requester needs."""
    return {name: value for name, value in values.items() if name != ITEM_ID}
