"""Moderation as operators and requesters send and get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from talka.kit.documents import at_most
from talka.kit.wire import Integer, NonBlank, WireModel
from talka.moderation.model import Case, Decision, Standing

MAX_COMMENT = 500


class DecisionBody(WireModel):
    """What an operator decides about a major version of a project; the requester reads the comment."""

    status: Literal["APPROVED", "REJECTED"]
    major: Annotated[Integer, Field(ge=1, le=2**31 - 1)]
    comment: Annotated[NonBlank, at_most(MAX_COMMENT)] | None = None


class ReadyBody(WireModel):
    """A requester asks to be looked at again."""

    status: Literal["READY"]


def case_json(case: Case) -> dict[str, Any]:
    """A project that waits."""
    return {
        "project_id": str(case.project_id),
        "major": case.major,
        "requester_id": case.requester_id,
        "public_name": case.public_name,
        "created": case.created,
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    """A decision."""
    body = {
        "project_id": str(decision.project_id),
        "major": decision.major,
        "status": decision.status.value,
        "modified": decision.modified,
    }
    return body if decision.comment is None else {**body, "comment": decision.comment}


def project_json(project_id: int, major: int, body: Mapping[str, Any], decisions: Sequence[Decision]) -> dict[str, Any]:
    """A project as it is in one of its versions, with what was decided about any."""
    made = [decision_json(decision) for decision in decisions]
    return {"project_id": str(project_id), "major": major, "project": body, "decisions": made}


def standing_json(pool_id: int, project_id: int, found: Standing) -> dict[str, Any]:
    """How things stand for a pool, with the names that the reference has here."""
    body = {"poolId": str(pool_id), "projectId": str(project_id), "status": found.status.value}
    return body if found.comment is None else {**body, "comment": found.comment}
