"""SQL of skills, user skills and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

from psycopg.types.json import Json

from talka.infra.db import Row, Tx
from talka.infra.http.listing import COMPANIES, Listing, ListSpec, Where, choices, moments, numbers, texts, users
from talka.skills.model import Action, Change, Origin, Skill, UserSkill

_SKILL: LiteralString = (
    "select r.id, r.account_id, r.body, r.training, r.created, a.requester_id"
    " from skill r left join account a on a.id = r.account_id"
)
_COLUMNS: LiteralString = "u.id, u.skill_id, u.worker_id, u.account_id, w.user_id, u.value, u.created, u.modified"
_USER_SKILL: LiteralString = f"select {_COLUMNS} from user_skill u join worker w on w.id = u.worker_id"
_OWN: LiteralString = (
    f"select {_COLUMNS}, s.body, s.training, s.created as skill_created"
    " from user_skill u join worker w on w.id = u.worker_id join skill s on s.id = u.skill_id"
)
_OWNER = users("a.requester_id")
SKILLS = ListSpec(
    filters={
        "name": texts("r.name"),
        "global": choices("(r.account_id is null)", {"true": True, "false": False}),
        "owner_id": _OWNER,
        "owner_company_id": COMPANIES,
    },
    ranges={"id": numbers("r.id"), "created": moments("r.created"), "modified": moments("r.modified")},
    sorts={"id": ("r.id",), "created": ("r.created",)},
    max_limit=100,
)
USER_SKILLS = ListSpec(
    filters={"user_id": users("w.user_id"), "skill_id": numbers("u.skill_id")},
    ranges={"id": numbers("u.id"), "created": moments("u.created"), "modified": moments("u.modified")},
    sorts={"id": ("u.id",), "created": ("u.created",), "modified": ("u.modified",)},
    max_limit=1000,
)
OWN = ListSpec(ranges={"id": numbers("u.id")}, sorts={"id": ("u.id",)}, max_limit=300)
# One look into an index for each skill whose values pass; their expiry is not stored, so that changing the lifetime of
# a skill costs nothing and races with nobody.
EXPIRY_DUE: LiteralString = (
    "select min((select min(u.modified) from user_skill u where u.skill_id = s.id)"
    " + make_interval(hours => s.ttl_hours)) from skill s where s.ttl_hours is not null"
)


def _skill(row: Row) -> Skill:
    requester_id = row["requester_id"]
    return Skill(**{**row, "requester_id": requester_id.hex if requester_id is not None else None})


def _user_skill(row: Row) -> UserSkill:
    return UserSkill(**{**row, "user_id": row["user_id"].hex})


async def get(tx: Tx, skill_id: int, *, lock: bool = False) -> Skill | None:
    """A skill of anybody; `lock` keeps it until commit."""
    query: LiteralString = _SKILL + " where r.id = %s"
    row = await tx.row(query + (" for no key update of r" if lock else ""), (skill_id,))
    return _skill(row) if row else None


async def listed(tx: Tx, account_id: int, listing: Listing) -> tuple[list[Skill], bool]:
    """A page of the account's skills and the platform's."""
    own: Where = ("r.account_id = %s", account_id)
    rows, more = await listing.fetch_either(tx, _SKILL, [own, ("r.account_id is null and %s", True)])
    return [_skill(row) for row in rows], more


async def insert(tx: Tx, account_id: int | None, body: Mapping[str, Any], *, training: bool) -> int:
    """A new skill."""
    skill_id: int = await tx.value(
        "insert into skill (account_id, name, body, hidden, ttl_hours, training, created, modified)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) returning id",
        (account_id, body["name"], Json(body), body["hidden"], body.get("skill_ttl_hours"), training, tx.now, tx.now),
    )
    return skill_id


async def update(tx: Tx, skill_id: int, body: Mapping[str, Any]) -> None:
    """Replace a skill's document."""
    await tx.execute(
        "update skill set name = %s, body = %s, hidden = %s, ttl_hours = %s, modified = greatest(modified, %s)"
        " where id = %s",
        (body["name"], Json(body), body["hidden"], body.get("skill_ttl_hours"), tx.now, skill_id),
    )


async def get_value(tx: Tx, account_id: int, user_skill_id: int, *, lock: bool = False) -> UserSkill | None:
    """One worker's value of one of the account's skills; `lock` keeps it until commit."""
    query: LiteralString = _USER_SKILL + " where u.id = %s and u.account_id = %s"
    row = await tx.row(query + (" for update of u" if lock else ""), (user_skill_id, account_id))
    return _user_skill(row) if row else None


async def held(tx: Tx, worker_id: int, skill_id: int, *, lock: bool = False) -> UserSkill | None:
    """What a worker has of a skill; `lock` keeps it until commit."""
    query: LiteralString = _USER_SKILL + " where u.worker_id = %s and u.skill_id = %s"
    row = await tx.row(query + (" for update of u" if lock else ""), (worker_id, skill_id))
    return _user_skill(row) if row else None


async def values(tx: Tx, worker_id: int) -> dict[int, Decimal]:
    """Everything that a worker has, exact values by skill."""
    rows = await tx.rows("select skill_id, value from user_skill where worker_id = %s", (worker_id,))
    return {row["skill_id"]: row["value"] for row in rows}


async def values_of(tx: Tx, skill_id: int, worker_ids: Sequence[int]) -> dict[int, Decimal]:
    """Exact values of one skill by worker, of those of the workers who have it."""
    rows = await tx.rows(
        "select worker_id, value from user_skill where skill_id = %s and worker_id = any(%s)",
        (skill_id, list(worker_ids)),
    )
    return {row["worker_id"]: row["value"] for row in rows}


async def listed_values(tx: Tx, account_id: int, listing: Listing) -> tuple[list[UserSkill], bool]:
    """A page of what workers have of the account's skills."""
    rows, more = await listing.fetch(tx, _USER_SKILL, ("u.account_id = %s", account_id))
    return [_user_skill(row) for row in rows], more


async def own(tx: Tx, worker_id: int, listing: Listing) -> tuple[list[tuple[UserSkill, Skill]], bool]:
    """A page of the public skills of a worker."""
    rows, more = await listing.fetch(tx, _OWN, ("u.worker_id = %s and not s.hidden", worker_id))
    found = []
    for row in rows:
        body, training, created = row.pop("body"), row.pop("training"), row.pop("skill_created")
        skill = Skill(row["skill_id"], row["account_id"], None, body, training, created)
        found.append((_user_skill(row), skill))
    return found, more


async def insert_value(tx: Tx, skill: Skill, worker_id: int, value: Decimal) -> bool:
    """Give a worker a skill; False when they have it (once a transaction that just gave it is over)."""
    count = await tx.execute(
        "insert into user_skill (skill_id, worker_id, account_id, value, created, modified)"
        " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
        (skill.id, worker_id, skill.account_id, value, tx.now, tx.now),
    )
    return count == 1


async def change_value(tx: Tx, user_skill_id: int, value: Decimal) -> None:
    """Set a value; its lifetime starts again."""
    await tx.execute(
        "update user_skill set value = %s, modified = greatest(modified, %s) where id = %s",
        (value, tx.now, user_skill_id),
    )


async def expired(tx: Tx, limit: int) -> list[UserSkill]:
    """Values that were not set for longer than their skill allows, locked until commit."""
    rows = await tx.rows(
        _USER_SKILL + " join skill s on s.id = u.skill_id"
        " where s.ttl_hours is not null and u.modified <= %s - make_interval(hours => s.ttl_hours)"
        " limit %s for update of u skip locked",
        (tx.now, limit),
    )
    return [_user_skill(row) for row in rows]


async def delete_values(tx: Tx, user_skill_ids: Sequence[int]) -> None:
    """Take skills away."""
    await tx.execute("delete from user_skill where id = any(%s)", (list(user_skill_ids),))


async def note(tx: Tx, found: UserSkill, action: Action, value: Decimal, origin: Origin) -> None:
    """Append to the history that a value was set."""
    await tx.execute(
        "insert into user_skill_change (worker_id, skill_id, account_id, action, value, cause, pool_id, message,"
        " happened) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            found.worker_id, found.skill_id, found.account_id, action.value, value, origin.cause.value,
            origin.pool_id, origin.message, tx.now,
        ),
    )  # fmt: skip


async def note_gone(tx: Tx, found: Sequence[UserSkill], origin: Origin) -> None:
    """Append to the history that workers no longer have skills."""
    await tx.execute(
        "insert into user_skill_change (worker_id, skill_id, account_id, action, cause, pool_id, message, happened)"
        " select u.worker_id, u.skill_id, u.account_id, 'DELETE', %s, %s, %s, %s"
        " from unnest(%s::int[], %s::int[], %s::int[]) u(worker_id, skill_id, account_id)",
        (
            origin.cause.value, origin.pool_id, origin.message, tx.now,
            [value.worker_id for value in found], [value.skill_id for value in found],
            [value.account_id for value in found],
        ),
    )  # fmt: skip


async def history(
    tx: Tx, account_id: int, worker_id: int, skill_id: int | None, since: datetime, after: int
) -> list[Change]:
    """The next of what happened to a worker's skills of an account (or one of them), oldest first."""
    rows = await tx.rows(
        "select c.id, c.skill_id, s.name as skill_name, c.action, c.value, c.pool_id, c.message, c.happened"
        " from user_skill_change c join skill s on s.id = c.skill_id"
        " where c.worker_id = %s and c.account_id = %s and (%s::bigint is null or c.skill_id = %s)"
        " and c.happened >= %s and c.id > %s order by c.id limit 1000",
        (worker_id, account_id, skill_id, skill_id, since, after),
    )
    return [Change(**{**row, "action": Action(row["action"])}) for row in rows]
