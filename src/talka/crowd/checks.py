"""What must be right before a crowd begins: the pool is open, the fields exist, the cells fit them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from talka.crowd.model import CrowdError, FieldSpec, Spec
from talka.crowd.values import from_text, is_required


def is_complete(pool: Mapping[str, Any]) -> bool:
    """Whether the pool closed because it has all the answers that it wanted."""
    return pool["status"] != "OPEN" and pool.get("last_close_reason") == "COMPLETED"


def check_open(pool: Mapping[str, Any]) -> None:
    """A pool that is complete leaves a crowd nothing to do; one that was never opened is a mistake.

    Raises:
        CrowdError: the pool is neither open nor complete.
    """
    if pool["status"] != "OPEN" and not is_complete(pool):
        raise CrowdError(f"Pool {pool['id']} is {pool['status']}: open it first")


def check_sole_requirement(spec: Spec, name: str) -> None:
    """A file of labels fills one output field, so no other one may be required.

    Raises:
        CrowdError: another one is.
    """
    others = [other for other, field in spec.items() if other != name and is_required(field)]
    if others:
        raise CrowdError(f"Labels fill only the output field {name}, but {', '.join(others)} must be filled, too")


def check_field(side: str, spec: Spec, name: str, option: str) -> FieldSpec:
    """The spec of the field `name`.

    Raises:
        CrowdError: the project has no such field.
    """
    if name not in spec:
        raise CrowdError(f"The project has no {side} field {name}, only {', '.join(spec)}: name it with {option}")
    return spec[name]


def converted(field: FieldSpec, text: str, path: Path, line: int, name: str) -> Any:
    """The cell of a file as a value of the output field `name`.

    Raises:
        CrowdError: it cannot be one.
    """
    try:
        return from_text(field, text)
    except ValueError as error:
        raise CrowdError(f"{path}, line {line}: {error}, as the output field {name} wants it") from None
