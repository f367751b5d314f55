"""Errors that the domain raises; the HTTP edge alone knows which status each code has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a validation code of the API, a sentence, and the violated bounds."""

    code: str
    message: str
    params: tuple[Any, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """`{"code", "message", "params"?}` as it stands in error payloads and operation logs."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.params is not None:
            body["params"] = list(self.params)
        return body


FieldErrors = dict[str, FieldError]
"""Field path (`filter.and.0.value`) → what is wrong there."""


class TalkaError(Exception):
    """A refusal with a code of the API, a sentence for people and an optional JSON payload."""

    def __init__(self, code: str, message: str, payload: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.payload = payload


class ValidationError(TalkaError):
    """Bad input; the payload names every wrong field at once."""

    def __init__(self, fields: Mapping[str, FieldError], message: str = "Validation failed") -> None:
        super().__init__("VALIDATION_ERROR", message, as_payload(fields))
        self.fields = dict(fields)


class BatchValidationError(TalkaError):
    """A batch of which nothing was created; the payload maps item index to field path to error."""

    def __init__(self, items: Mapping[int, Mapping[str, FieldError]]) -> None:
        payload = {str(index): as_payload(fields) for index, fields in sorted(items.items())}
        super().__init__("VALIDATION_ERROR", "Validation failed", payload)
        self.items = {index: dict(fields) for index, fields in items.items()}


class NotFound(TalkaError):  # noqa: N818 - reads as the sentence it is
    """The thing does not exist for the caller."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__("DOES_NOT_EXIST", f"There is no {kind} with id {key}")


class Conflict(TalkaError):  # noqa: N818 - reads as the sentence it is
    """The state of a resource does not allow the action; `appropriate` lists the states that would."""

    def __init__(self, code: str, message: str, *, appropriate: Sequence[str] | None = None) -> None:
        payload = {"appropriate_statuses": list(appropriate)} if appropriate is not None else None
        super().__init__(code, message, payload)


def field_error(path: str, code: str, message: str, *params: Any) -> ValidationError:
    """A validation error about one field."""
    return ValidationError({path: FieldError(code, message, params or None)})


def as_payload(errors: Mapping[str, FieldError]) -> dict[str, Any]:
    """Field errors as they stand in error payloads and operation logs."""
    return {path: error.as_json() for path, error in errors.items()}


def prefixed(prefix: str, errors: Mapping[str, FieldError]) -> FieldErrors:
    """The same errors with every path under `prefix`."""
    return {f"{prefix}.{path}" if path else prefix: error for path, error in errors.items()}
