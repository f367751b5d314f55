"""What the two classifications share: classes, one or several of which an item has."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from talka.apps.model import Answers, Verdict
from talka.apps.solutions import interface
from talka.apps.solutions.base import MAX_CONTROLS, App, Control, Examples, Parameters, field
from talka.apps.solutions.votes import vote
from talka.kit.documents import Document, Name, Text, at_most
from talka.kit.errors import FieldError, FieldErrors

MOST_CLASSES, MOST_WHEN_SEVERAL = 12, 8
OTHER = "other"


class Class(Document):
    """One of the answers to choose from."""

    label: Annotated[Name, at_most(255)]
    value: Annotated[Name, at_most(255)]
    description: Annotated[Text, at_most(5_000)] | None = None


class KnownClasses(Control):
    """An item whose classes are known."""

    result: Annotated[list[Text], Field(min_length=1)]


class ClassificationParameters(Parameters):
    """The classes, and whether an item can have several of them or none."""

    instruction_classes: Annotated[list[Class], Field(min_length=2, max_length=MOST_CLASSES)]
    instruction_examples: Examples | None = None
    option_multiple_choice: bool | None = None
    option_other: bool | None = None
    control_items: Annotated[list[KnownClasses], Field(max_length=MAX_CONTROLS)] | None = None

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """Classes differ, and known results are of them."""
        errors: FieldErrors = dict(super().cross_check(raw))
        given = raw.get("instruction_classes")
        if not isinstance(given, list):
            return errors
        several = raw.get("option_multiple_choice") is True
        if several and len(given) > MOST_WHEN_SEVERAL:
            text = f"Must have at most {MOST_WHEN_SEVERAL} classes when an item can have several"
            errors["instruction_classes"] = FieldError("ARRAY_SIZE_GREATER_THAN_MAX", text, (MOST_WHEN_SEVERAL,))
        values: list[Any] = [OTHER] if raw.get("option_other") is True else []
        for index, each in enumerate(given):
            value = each.get("value") if isinstance(each, dict) else None
            if value in values:
                text = "Another class has this value"
                errors[f"instruction_classes.{index}.value"] = FieldError("DUPLICATE_VALUE_IN_ARRAY", text)
            values.append(value)
        return errors | _control_errors(raw.get("control_items"), values, several)

    @property
    def controls(self) -> Sequence[KnownClasses]:
        """The items whose classes are known."""
        return self.control_items or ()

    @property
    def choices(self) -> list[interface.Choice]:
        """The values and labels to choose from."""
        found = [(each.value, each.label) for each in self.instruction_classes]
        return [*found, (OTHER, "Other")] if self.option_other else found


def _control_errors(controls: Any, values: Sequence[Any], several: bool) -> FieldErrors:
    errors: FieldErrors = {}
    for index, control in enumerate(controls if isinstance(controls, list) else ()):
        result = control.get("result") if isinstance(control, dict) else None
        if not isinstance(result, list):
            continue
        path = f"control_items.{index}.result"
        if not several and len(result) > 1:
            errors[path] = FieldError("ARRAY_SIZE_GREATER_THAN_MAX", "An item has one class", (1,))
        for place, value in enumerate(result):
            if isinstance(value, str) and value not in values:
                errors[f"{path}.{place}"] = FieldError("VALUE_NOT_ALLOWED", "Must be the value of a class")
    return errors


class Classification(App[ClassificationParameters]):
    """Workers say which class an item has, or which ones; each class of several is voted on by itself."""

    constraints = (
        f"Up to {MOST_CLASSES} classes when an item has one of them, up to {MOST_WHEN_SEVERAL} when it can have"
        " several."
    )
    parameters = ClassificationParameters
    output_spec = {  # noqa: RUF012 - a class variable of the base
        "result": field("array_string"),
        "confidence": field("float", required=False),
    }

    @abstractmethod
    def item_view(self) -> list[interface.Node]:
        """How an item is shown."""

    def outputs(self, parameters: ClassificationParameters) -> dict[str, Any]:
        """One class, or whether it has it for each of them."""
        values = [value for value, _ in parameters.choices]
        if not parameters.option_multiple_choice:
            return {"result": field("string", allowed_values=values)}
        return {_path(index): field("boolean") for index in range(len(values))}

    def view(self, parameters: ClassificationParameters) -> dict[str, Any]:
        """The item, the question and the classes."""
        question, choices = parameters.instruction_question or "Which class is it?", parameters.choices
        if not parameters.option_multiple_choice:
            chosen = interface.one_of("field.radio-group", question, "result", choices)
            return interface.page([*self.item_view(), chosen], interface.keys_to_set("result", choices))
        boxes = [(_path(index), label) for index, (_, label) in enumerate(choices)]
        chosen = interface.any_of(question, boxes)
        return interface.page([*self.item_view(), chosen], interface.keys_to_toggle(boxes))

    def instructions(self, parameters: ClassificationParameters) -> str:
        """The introduction, the classes and the examples."""
        classes = [(each.label, each.description) for each in parameters.instruction_classes]
        return interface.instructions(parameters.instruction_intro, classes, parameters.instruction_examples or ())

    def known(self, parameters: ClassificationParameters, control: KnownClasses) -> dict[str, Any]:
        """The classes as workers choose them."""
        if not parameters.option_multiple_choice:
            return {"result": control.result[0]}
        return {_path(index): value in control.result for index, (value, _) in enumerate(parameters.choices)}

    def agrees(self, said: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
        """All classes are the known ones."""
        return dict(said) == dict(known)

    def judge(self, parameters: ClassificationParameters, answers: Answers) -> Verdict:
        """The class with most votes; of several, those that more than half of the votes say."""
        values = [value for value, _ in parameters.choices]
        accuracy = [answer.accuracy for answer in answers]
        if not parameters.option_multiple_choice:
            winner, confidence = vote([values.index(each.values["result"]) for each in answers], accuracy, len(values))
            return Verdict([values[winner]], confidence)
        checked = [[each.values.get(_path(index)) is True for each in answers] for index in range(len(values))]
        votes = [vote([int(yes) for yes in said], accuracy, 2) for said in checked]
        result = [value for value, (winner, _) in zip(values, votes, strict=True) if winner]
        if not result:
            # Everybody checks one at least, so none without a majority is still the one that most of them mean.
            weights = [sum(w for yes, w in zip(said, accuracy, strict=True) if yes) for said in checked]
            best = max(range(len(values)), key=lambda index: weights[index])
            result = [values[best]] if weights[best] > 0 else []
            if result:
                return Verdict(result, round(1 - votes[best][1], 6))
        return Verdict(result, min(confidence for _, confidence in votes))


def _path(index: int) -> str:
    """The output for one of several classes: their values can be anything, names of outputs cannot."""
    return f"class_{index + 1}"
