"""Bonuses as clients send and get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator

from talka.bonuses.model import Bonus, Earned
from talka.kit.documents import Document, Text, at_most
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.languages import Message, Title, in_language
from talka.kit.money import SCALE, to_json
from talka.kit.wire import IdText, Money, wire_error

SMALLEST, LARGEST = Decimal("0.005"), Decimal(100)
MAX_COMMENT = 4000


def _amount(value: Decimal) -> Decimal:
    if value < SMALLEST:
        raise wire_error("VALUE_LESS_THAN_MIN", f"Must be at least {SMALLEST}", to_json(SMALLEST))
    if value > LARGEST:
        raise wire_error("VALUE_GREATER_THAN_MAX", f"Must be at most {LARGEST}", to_json(LARGEST))
    if value != value.quantize(SCALE):
        raise wire_error("INVALID_VALUE", "Must have at most six decimals", to_json(SCALE))
    return value


class BonusBody(Document):
    """A bonus to be paid; read-only and unknown keys are ignored."""

    filled = {"without_message": False}  # noqa: RUF012 - a class variable of the base

    user_id: IdText
    amount: Annotated[Money, AfterValidator(_amount)]
    assignment_id: IdText | None = None
    private_comment: Annotated[Text, at_most(MAX_COMMENT)] | None = None
    public_title: Title | None = None
    public_message: Message | None = None
    without_message: bool

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """A message needs title and text."""
        if raw.get("without_message") is not False:
            return {}
        text = "Must be present and not null unless without_message is true"
        missing = [name for name in ("public_title", "public_message") if name not in raw]
        return {name: FieldError("VALUE_REQUIRED", text) for name in missing}


def bonus_json(bonus: Bonus) -> dict[str, Any]:
    """A bonus as its requester gets it; what it does not have is absent."""
    body = {
        "id": str(bonus.id),
        "user_id": bonus.user_id,
        "amount": bonus.amount,
        "assignment_id": str(bonus.assignment) if bonus.assignment is not None else None,
        "private_comment": bonus.private_comment,
        "public_title": bonus.title,
        "public_message": bonus.message,
        "without_message": bonus.title is None,
        "created": bonus.created,
    }
    return {name: value for name, value in body.items() if value is not None}


def echo(bonus: Bonus) -> dict[str, Any]:
    """The `input` of a log item: what was posted, rebuilt from what is stored."""
    kept = {name: value for name, value in bonus_json(bonus).items() if name not in ("id", "created")}
    return {**kept, "__item_idx": str(bonus.item_index)}


def own_bonus_json(bonus: Bonus, languages: Sequence[str]) -> dict[str, Any]:
    """A bonus as its worker gets it, in a language of theirs."""
    body = {
        "id": str(bonus.id),
        "amount": bonus.amount,
        "assignment_id": str(bonus.assignment) if bonus.assignment is not None else None,
        "title": in_language(bonus.title, languages),
        "message": in_language(bonus.message, languages),
        "created": bonus.created,
    }
    return {name: value for name, value in body.items() if value is not None}


def earned_json(earned: Earned, languages: Sequence[str]) -> dict[str, Any]:
    """What a worker was paid, as they get it: a page by the name of its project, a bonus by what was written to it."""
    given = earned.bonus
    title = in_language(given.title, languages) if given is not None else None
    body = {
        "kind": "ASSIGNMENT" if given is None else "BONUS",
        "assignment_id": str(earned.assignment) if earned.assignment is not None else None,
        "bonus_id": str(given.id) if given is not None else None,
        "project_id": str(earned.project_id) if earned.project_id is not None else None,
        "title": title or earned.project_name,
        "message": in_language(given.message, languages) if given is not None else None,
        "amount": earned.amount,
        "created": earned.created,
    }
    return {name: value for name, value in body.items() if value is not None}
