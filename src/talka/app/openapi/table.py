"""All calls of the document, and what it says of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI

from talka.app.openapi import (
    accounts,
    aggregation,
    apps,
    assignments,
    files,
    messages,
    moderation,
    money,
    operations,
    operator,
    pools,
    projects,
    skills,
    tasks,
    webhooks,
    work,
)
from talka.app.openapi.calls import Calls
from talka.app.openapi.document import document

CALLS: Calls = {
    key: call
    for part in (
        projects, pools, tasks, assignments, operations, money, skills, messages, webhooks, files, aggregation, apps,
        moderation, accounts, work, operator,
    )
    for key, call in part.CALLS.items()
}  # fmt: skip
"""Every call by method and path."""

_TAGS: Sequence[Mapping[str, str]] = (
    {"name": "requester", "description": "The account and the server"},
    {"name": "projects", "description": "What is asked: fields, interface, instructions"},
    {"name": "pools", "description": "Who is asked, how often, for how much"},
    {"name": "trainings", "description": "Pools in which workers learn, and whose skill opens others"},
    {"name": "tasks", "description": "What is asked about, one by one"},
    {"name": "task suites", "description": "Pages that are made by the requester"},
    {"name": "files", "description": "Files of tasks and of verdicts"},
    {"name": "operations", "description": "Work that goes on after the answer"},
    {"name": "assignments", "description": "Pages that workers took, and their review"},
    {"name": "results", "description": "Answers as one file"},
    {"name": "aggregation", "description": "Many answers made one"},
    {"name": "analytics", "description": "Numbers about pools"},
    {"name": "attachments", "description": "Files that workers sent"},
    {"name": "skills", "description": "What workers can, as their requesters see it"},
    {"name": "restrictions", "description": "Who is kept out of what"},
    {"name": "users", "description": "What is known of workers"},
    {"name": "bonuses", "description": "Money beside the price of pages"},
    {"name": "messages", "description": "What people write to each other"},
    {"name": "webhooks", "description": "Being told what happens"},
    {"name": "proxies", "description": "Private servers behind this one"},
    {"name": "apps", "description": "Ready solutions that create and run the pools behind them"},
    {"name": "access", "description": "Keys and members of the account"},
    {"name": "requester app", "description": "What the web app calls beside all this"},
    {"name": "work", "description": "What workers' apps call"},
    {"name": "operator", "description": "What who runs the server calls"},
    {"name": "sandbox", "description": "Time travel and play money, with `--sandbox` only"},
)
_ABOUT = """A crowd platform, wire-compatible with the Toloka API. The guide is in `docs/guide` of the repository.

Send `Authorization: ApiKey <key>`. Dates are UTC without a zone suffix, money is in US dollars, ids are strings.
A refusal has a `code` for programs; the payload of `VALIDATION_ERROR` names every wrong field."""


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of the application."""
    return document(app, CALLS, _TAGS, _ABOUT)
