"""How often an account may do what: the documented quotas, which an operator can turn on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from starlette.requests import Request

from talka.accounts import store
from talka.infra.db import Tx
from talka.infra.settings import Settings, SettingsError
from talka.kit.errors import TalkaError

_CHOICE = re.compile(r"([A-Z_]+)/([A-Z]+)\s*=\s*([0-9]{1,12})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(NamedTuple):
    """A minute, an hour or a day."""

    name: str
    seconds: int


MINUTE, HOUR, DAY = Period("MINUTE", 60), Period("HOUR", 3_600), Period("DAY", 86_400)
PERIODS: Mapping[str, Period] = {period.name: period for period in (MINUTE, HOUR, DAY)}


class Action(StrEnum):
    """What is counted."""

    AGGREGATE = "AGGREGATE"
    ASSIGN_SKILLS = "ASSIGN_SKILLS"
    CHANGE_OVERLAP = "CHANGE_OVERLAP"
    CLONE_POOLS = "CLONE_POOLS"
    CLONE_TRAININGS = "CLONE_TRAININGS"
    CREATE_PROJECTS = "CREATE_PROJECTS"
    CREATE_POOLS = "CREATE_POOLS"
    CREATE_TRAININGS = "CREATE_TRAININGS"
    CREATE_SKILLS = "CREATE_SKILLS"
    CREATE_TASKS = "CREATE_TASKS"
    CREATE_TASK_SUITES = "CREATE_TASK_SUITES"
    ISSUE_BONUSES = "ISSUE_BONUSES"
    MESSAGE_EVERYBODY = "MESSAGE_EVERYBODY"
    MESSAGE_WORKERS = "MESSAGE_WORKERS"


_DEFINE = ((MINUTE, 20), (DAY, 100))
QUOTAS: Mapping[Action, Sequence[tuple[Period, int]]] = {
    Action.AGGREGATE: ((MINUTE, 5), (HOUR, 30), (DAY, 200)),
    Action.ASSIGN_SKILLS: ((DAY, 100_000),),
    Action.CHANGE_OVERLAP: ((HOUR, 10),),
    Action.CLONE_POOLS: _DEFINE,
    Action.CLONE_TRAININGS: _DEFINE,
    Action.CREATE_PROJECTS: _DEFINE,
    Action.CREATE_POOLS: _DEFINE,
    Action.CREATE_TRAININGS: _DEFINE,
    Action.CREATE_SKILLS: ((MINUTE, 10), (DAY, 100)),
    Action.CREATE_TASKS: ((MINUTE, 200_000), (DAY, 4_000_000)),
    Action.CREATE_TASK_SUITES: ((MINUTE, 100_000), (DAY, 2_000_000)),
    Action.ISSUE_BONUSES: ((DAY, 10_000),),
    Action.MESSAGE_EVERYBODY: ((DAY, 1),),
    Action.MESSAGE_WORKERS: ((DAY, 100_000),),
}


def quotas_of(settings: Settings) -> Mapping[Action, Sequence[tuple[Period, int]]]:
    """The quotas in force: none unless they are on, with the numbers that the operator has put in their place.

    Raises:
        SettingsError: `quota_limits` cannot be read.
    """
    chosen: dict[tuple[Action, Period], int] = {}
    for part in filter(None, (part.strip() for part in settings.quota_limits.split(","))):
        found = _CHOICE.fullmatch(part)
        if found is None or found[1] not in Action.__members__ or found[2] not in PERIODS:
            example = "CREATE_POOLS/MINUTE=50 or CREATE_TASKS/DAY=0"
            raise SettingsError(f"The setting quota_limits has {part!r}; expected something like {example}")
        chosen[Action(found[1]), PERIODS[found[2]]] = int(found[3])
    if not settings.quotas:
        return {}
    return {action: _changed(action, chosen) for action in Action}


def _changed(action: Action, chosen: Mapping[tuple[Action, Period], int]) -> list[tuple[Period, int]]:
    numbers = dict(QUOTAS[action]) | {period: most for (named, period), most in chosen.items() if named is action}
    return [(period, most) for period, most in sorted(numbers.items(), key=lambda pair: pair[0].seconds) if most]


async def spend(request: Request, tx: Tx, account_id: int, action: Action, count: int = 1) -> None:
    """Count an action that this transaction carries out; what is undone is not counted.

    Raises:
        TalkaError: TOO_MANY_REQUESTS.
    """
    quotas: Mapping[Action, Sequence[tuple[Period, int]]] = request.app.state.quotas
    for period, most in quotas.get(action, ()):
        start = _EPOCH + timedelta(seconds=int((tx.now - _EPOCH).total_seconds()) // period.seconds * period.seconds)
        if await store.use_quota(tx, account_id, action, period.seconds, start, count) > most:
            wait = (start + timedelta(seconds=period.seconds) - tx.now).total_seconds()
            raise _exceeded(action, period, most, wait)


def _exceeded(action: Action, period: Period, most: int, wait: float) -> TalkaError:
    payload = {"limit": most, "per": period.name, "retry_in_seconds": round(wait, 3)}
    if period is not MINUTE:
        # The published client waits as long as this says, but fails on the word for a minute.
        payload["interval"] = period.name
    return TalkaError("TOO_MANY_REQUESTS", f"At most {most} a {period.name.lower()}: {action.lower()}", payload)
