"""Ids as clients see them, all of fixed width so that string order is sort order is filter order."""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

_PAGE_ID = re.compile(r"([0-9a-f]{10})--([0-9a-f]{24})")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_USER_ID = re.compile(r"[0-9a-f]{32}")


class WorkId(NamedTuple):
    """The two parts of the id of a task, a task suite or an assignment."""

    pool_id: int
    number: int

    def __str__(self) -> str:
        return f"{self.pool_id:010x}--{self.number:024x}"


def work_id(pool_id: int, number: int) -> str:
    """`<pool id, 10 hex digits>--<number, 24 hex digits>`."""
    return f"{pool_id:010x}--{number:024x}"


def parse_work_id(text: str) -> WorkId | None:
    """The parts of the id of a task, suite or assignment; None when it cannot be one."""
    match = _PAGE_ID.fullmatch(text)
    if match is None:
        return None
    pool_id, number = int(match[1], 16), int(match[2], 16)
    return WorkId(pool_id, number) if pool_id < 2**31 and number < 2**63 else None


def parse_number(text: str) -> int | None:
    """The number behind the id of a project, pool, training, skill or bonus; None when it cannot be one."""
    return int(text) if _NUMBER.fullmatch(text) else None


def object_id(number: int) -> str:
    """The id of a message thread: 24 hex digits."""
    return f"{number:024x}"


def parse_object_id(text: str) -> int | None:
    """The number behind the id of a message thread; None when it cannot be one."""
    number = int(text, 16) if _OBJECT_ID.fullmatch(text) else None
    return number if number is not None and number < 2**63 else None


def user_id(value: uuid.UUID) -> str:
    """The id of a worker or requester: 32 lowercase hex digits."""
    return value.hex


def parse_user_id(text: str) -> uuid.UUID | None:
    """The UUID behind the id of a worker or requester; None when it cannot be one."""
    return uuid.UUID(hex=text) if _USER_ID.fullmatch(text) else None


def parse_uuid(text: str) -> uuid.UUID | None:
    """A UUID in its text form, with or without dashes; None when it is none."""
    if len(text) not in {32, 36}:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
