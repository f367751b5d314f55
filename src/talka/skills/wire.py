"""Skills and user skills as clients send and get them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from talka.kit.documents import Document, Name, Text, at_most, within
from talka.kit.languages import in_language, language_keys
from talka.kit.money import to_json
from talka.kit.times import format_time
from talka.kit.wire import IdText, Integer, Number
from talka.skills.model import Change, Skill, UserSkill
from talka.skills.rules import rounded

MAX_NAME = 255
MAX_TEXT = 4000
MAX_TTL_HOURS = 876_000
"""A hundred years: every date that follows from it can be told."""
ShortTexts = Annotated[dict[str, Annotated[Text, at_most(MAX_NAME)]], AfterValidator(language_keys)]
LongTexts = Annotated[dict[str, Annotated[Text, at_most(MAX_TEXT)]], AfterValidator(language_keys)]


class SkillBody(Document):
    """Everything of a skill that its requester decides; read-only and unknown keys are ignored."""

    filled = {"private_comment": "", "hidden": True, "deprecated": False}  # noqa: RUF012 - a class variable of the base

    name: Annotated[Name, at_most(MAX_NAME)]
    public_name: ShortTexts | None = None
    public_requester_description: LongTexts | None = None
    private_comment: Annotated[Text, at_most(MAX_TEXT)]
    hidden: bool
    skill_ttl_hours: Annotated[Integer, Field(ge=1, le=MAX_TTL_HOURS)] | None = None
    deprecated: bool


class UserSkillBody(Document):
    """The value that a worker is to have of a skill."""

    skill_id: IdText
    user_id: IdText
    value: Annotated[Number, within(0, 100)]
    reason: Annotated[Text, at_most(MAX_TEXT)] | None = None

    def exact(self) -> Decimal:
        """The value as it was written."""
        return Decimal(repr(self.value))


def skill_json(skill: Skill, account_id: int) -> dict[str, Any]:
    """A skill as the account gets it: the stored body beside what the server knows."""
    body = {"id": str(skill.id), **skill.body}
    if skill.training:
        body["training"] = True
    body["global"] = skill.account_id is None
    if skill.requester_id is not None:
        body["owner"] = {"id": skill.requester_id, "myself": skill.account_id == account_id}
    return {**body, "created": skill.created}


def user_skill_json(found: UserSkill) -> dict[str, Any]:
    """A worker's skill as its requester gets it."""
    return {
        "id": str(found.id),
        "skill_id": str(found.skill_id),
        "user_id": found.user_id,
        "value": rounded(found.value),
        "exact_value": found.value,
        "created": found.created,
        "modified": found.modified,
    }


HISTORY = ("worker_id", "pool_id", "skill_id", "skill_name", "value", "created_date", "action", "message")


def history_line(values: Sequence[Any]) -> str:
    """A line of the history, with the separator that the reference has; what is None is empty."""
    text = io.StringIO()
    csv.writer(text, delimiter="|", lineterminator="\n").writerow(values)
    return text.getvalue()


def change_line(user_id: str, change: Change) -> str:
    """An entry of the history as a line, in the order of `HISTORY`; a value set by hand has no pool."""
    value = None if change.value is None else to_json(change.value)
    moment = format_time(change.happened)
    named = (change.skill_id, change.skill_name, value, moment, change.action.value, change.message)
    return history_line((user_id, change.pool_id, *named))


def own_skill_json(found: UserSkill, skill: Skill, languages: Sequence[str]) -> dict[str, Any]:
    """A public skill as its worker gets it; it is known by its own name when it has no public one."""
    body = {
        "id": str(found.id),
        "skill_id": str(found.skill_id),
        "name": in_language(skill.body.get("public_name"), languages) or skill.body["name"],
        "value": rounded(found.value),
        "created": found.created,
        "modified": found.modified,
    }
    description = in_language(skill.body.get("public_requester_description"), languages)
    return body | ({"description": description} if description else {})
