"""SQL of items, and of the answers that they get."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import orjson
from psycopg.types.json import Json

from talka.apps.model import Answer, Asked, NewItem, Waiting
from talka.infra.db import Row, Tx
from talka.infra.http.listing import Listing, ListSpec, conditions, moments, object_ids
from talka.tasks.store import copy_text, moment_text

FROM: LiteralString = "from app_item i join app_batch b on b.id = i.batch_id"
# Kept of an item: 0 NEW, 1 PROCESSING, 2 COMPLETED, 3 ERROR. What its batch makes of that is read off the batch.
_SHOWN_STATUS: LiteralString = (
    "case when b.archived then 'ARCHIVE' when i.status = 2 then 'COMPLETED' when i.status = 3 then 'ERROR'"
    " when b.status = 'NO_MONEY' then 'NO_MONEY' when i.status = 0 then 'NEW'"
    " when b.status = 'STOPPED' then 'STOPPED' else 'PROCESSING' end" + ' collate "C"'
)
_ITEM: LiteralString = (
    "select i.id, i.app_project_id, i.batch_id, b.stream, " + _SHOWN_STATUS + " as status, i.input_data,"
    " i.output_data, i.errors, i.created, i.started, i.finished " + FROM
)
_STATUS: Mapping[str, LiteralString] = {
    "NEW": "i.status = 0 and b.status <> 'NO_MONEY' and not b.archived",
    "PROCESSING": "i.status = 1 and b.status not in ('NO_MONEY', 'STOPPED') and not b.archived",
    "COMPLETED": "i.status = 2 and not b.archived",
    "ERROR": "i.status = 3 and not b.archived",
    "STOPPED": "i.status = 1 and b.status = 'STOPPED' and not b.archived",
    "NO_MONEY": "i.status in (0, 1) and b.status = 'NO_MONEY' and not b.archived",
    "ARCHIVE": "b.archived",
    "CANCELLED": "false",
}
LIST = ListSpec(
    filters={"batch_id": object_ids("i.batch_id"), "status": conditions(_STATUS)},
    ranges={"id": object_ids("i.id"), "created": moments("i.created"), "finished": moments("i.finished")},
    sorts={"id": ("i.id",), "created": ("i.created",), "finished": ("i.finished",), "status": (_SHOWN_STATUS,)},
    nullable=("finished",),
    max_limit=1_000,
    default_limit=100,
)
ANSWERS_DUE: LiteralString = "select timestamptz 'epoch' where exists (select 1 from app_answer)"


async def listed(tx: Tx, app_project_id: int, listing: Listing) -> tuple[list[Row], bool]:
    """A page of a project's items."""
    return await listing.fetch(tx, _ITEM, ("i.app_project_id = %s", app_project_id))


async def one(tx: Tx, app_project_id: int, number: int) -> Row | None:
    """One item of a project."""
    return await tx.row(_ITEM + " where i.app_project_id = %s and i.id = %s", (app_project_id, number))


async def of_batch(tx: Tx, batch_id: int) -> list[Row]:
    """All items of a batch."""
    return await tx.rows(_ITEM + " where i.batch_id = %s order by i.id", (batch_id,))


async def insert(tx: Tx, app_project_id: int, batch_id: int, new: Sequence[NewItem]) -> list[int]:
    """Store items; their numbers, ascending."""
    rows = await tx.rows(
        "select nextval(pg_get_serial_sequence('app_item', 'id')) as id from generate_series(1, %s)", (len(new),)
    )
    numbers = sorted(row["id"] for row in rows)
    created = moment_text(tx)
    lines = []
    for number, item in zip(numbers, new, strict=True):
        head = f"{number}\t{app_project_id}\t{batch_id}\t{'t' if item.forced else 'f'}\t{item.fingerprint}\t{created}\t"
        lines.append(head.encode() + copy_text(orjson.dumps(item.input_data)) + b"\n")
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy(
            "copy app_item (id, app_project_id, batch_id, forced, fingerprint, created, input_data) from stdin"
        ) as copy,
    ):
        await copy.write(b"".join(lines))
    return numbers


async def waiting(tx: Tx, batch_id: int, limit: int) -> list[Waiting]:
    """The first NEW items of a batch (locked by the caller)."""
    rows = await tx.rows(
        "select id, fingerprint, forced, input_data from app_item where batch_id = %s and status = 0 order by id"
        " limit %s",
        (batch_id, limit),
    )
    return [Waiting(**row) for row in rows]


async def labelled(tx: Tx, app_project_id: int, prints: Sequence[uuid.UUID]) -> dict[uuid.UUID, Mapping[str, Any]]:
    """What workers said of items that are equal to these: the newest result of each."""
    rows = await tx.rows(
        "select f.fingerprint, l.output_data from unnest(%s::uuid[]) f(fingerprint) cross join lateral ("
        "select output_data from app_item i where i.app_project_id = %s and i.fingerprint = f.fingerprint"
        " and i.status = 2 and i.task_id is not null order by i.id desc limit 1) l",
        (list(prints), app_project_id),
    )
    return {row["fingerprint"]: row["output_data"] for row in rows}


async def being_labelled(tx: Tx, batch_id: int, prints: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Items of the batch that workers are at and that are equal to these."""
    rows = await tx.rows(
        "select fingerprint, min(id) as id from app_item where batch_id = %s and fingerprint = any(%s) and status = 1"
        " and task_id is not null group by fingerprint",
        (batch_id, list(prints)),
    )
    return {row["fingerprint"]: row["id"] for row in rows}


async def set_asked(tx: Tx, pairs: Sequence[tuple[int, int]]) -> None:
    """Workers get these NEW items: (item, task) each."""
    await tx.execute(
        "update app_item i set status = 1, task_id = n.task_id, started = %s"
        " from unnest(%s::bigint[], %s::bigint[]) n(id, task_id) where i.id = n.id and i.status = 0",
        (tx.now, [item for item, _ in pairs], [task for _, task in pairs]),
    )


async def set_following(tx: Tx, pairs: Sequence[tuple[int, int]]) -> None:
    """These NEW items wait for the result of others: (item, other) each."""
    await tx.execute(
        "update app_item i set status = 1, original_id = n.original_id, started = %s"
        " from unnest(%s::bigint[], %s::bigint[]) n(id, original_id) where i.id = n.id and i.status = 0",
        (tx.now, [item for item, _ in pairs], [original for _, original in pairs]),
    )


async def copy_results(tx: Tx, results: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """These NEW items have the results of others, at once."""
    await tx.execute(
        "update app_item i set status = 2, output_data = n.output, started = %(now)s, finished = %(now)s"
        " from unnest(%(ids)s::bigint[], %(outputs)s::json[]) n(id, output) where i.id = n.id and i.status = 0",
        {"now": tx.now, "ids": [item for item, _ in results], "outputs": [Json(output) for _, output in results]},
    )


_ASKED: LiteralString = (
    "select i.id, i.task_id, q.overlap as wanted from app_item i"
    " left join queue q on q.pool_id = %s and q.unit_id = i.task_id where i.status = 1 and "
)


async def asked(tx: Tx, pool_id: int, task_ids: Sequence[int]) -> list[Asked]:
    """The items that are asked by these tasks of a pool and have no result yet."""
    rows = await tx.rows(_ASKED + "i.task_id = any(%s) order by i.id", (pool_id, list(task_ids)))
    return [Asked(**row) for row in rows]


async def still_asked(tx: Tx, pool_id: int, batch_id: int, limit: int) -> list[Asked]:
    """Items of a batch that workers were asked about and that have no result yet."""
    query: LiteralString = _ASKED + "i.batch_id = %s and i.task_id is not null order by i.id limit %s"
    rows = await tx.rows(query, (pool_id, batch_id, limit))
    return [Asked(**row) for row in rows]


async def answers(
    tx: Tx, app_project_id: int, pool_id: int, task_ids: Sequence[int], prior: tuple[int, int]
) -> dict[int, list[Answer]]:
    """The accepted answers to tasks of a pool, in the order in which they were given.

    Of a worker's answers to items whose results are known, `prior` many (right ones, all) count from the start.
    """
    rows = await tx.rows(
        "select c.unit_id as task_id, a.solutions -> (array_position(a.task_ids, c.unit_id) - 1) -> 'output_values'"
        " as said, (coalesce(w.correct, 0) + %s)::float8 / (coalesce(w.answered, 0) + %s) as accuracy"
        " from claim c join assignment a on a.pool_id = c.pool_id and a.id = c.assignment_id and a.status = 2"
        " left join app_worker w on w.app_project_id = %s and w.worker_id = a.worker_id"
        " where c.unit_id = any(%s) and c.pool_id = %s order by a.submitted, a.id",
        (*prior, app_project_id, list(task_ids), pool_id),
    )
    found: dict[int, list[Answer]] = {}
    for row in rows:
        found.setdefault(row["task_id"], []).append(Answer(row["said"], row["accuracy"]))
    return found


async def complete(tx: Tx, results: Sequence[tuple[int, Mapping[str, Any]]]) -> tuple[int, int]:
    """Give items, and those that wait for them, their results, once; how many of both kinds there were."""
    columns = ([item for item, _ in results], [Json(output) for _, output in results], tx.now)
    first = await tx.execute(
        "with n as (select * from unnest(%s::bigint[], %s::json[]) n(id, output))"
        " update app_item i set status = 2, output_data = n.output, finished = %s from n"
        " where i.id = n.id and i.status = 1",
        columns,
    )
    following = await tx.execute(
        "with n as (select * from unnest(%s::bigint[], %s::json[]) n(id, output))"
        " update app_item i set status = 2, output_data = n.output, finished = %s from n"
        " where i.original_id = n.id and i.status = 1",
        columns,
    )
    return first, following


async def fail(tx: Tx, numbers: Sequence[int], errors: Sequence[Mapping[str, Any]]) -> int:
    """Items, and those that wait for them, have no result; how many there were."""
    return await tx.execute(
        "update app_item set status = 3, errors = %s, finished = %s"
        " where (id = any(%s) or original_id = any(%s)) and status = 1",
        (Json(errors), tx.now, list(numbers), list(numbers)),
    )


async def note_accepted(tx: Tx, pool_ids: Sequence[int], assignment_ids: Sequence[int]) -> None:
    """Note accepted pages of those of the pools that are of apps."""
    await tx.execute(
        "insert into app_answer (pool_id, assignment_id) select n.pool_id, n.id"
        " from unnest(%s::int[], %s::bigint[]) n(pool_id, id) join app_batch b on b.pool_id = n.pool_id"
        " on conflict do nothing",
        (list(pool_ids), list(assignment_ids)),
    )


async def take_accepted(tx: Tx, limit: int) -> list[Row]:
    """Some accepted pages that nobody else is at, with their tasks; they are not looked at again."""
    return await tx.rows(
        "with taken as (delete from app_answer where ctid = any(array(select ctid from app_answer"
        "   order by pool_id, assignment_id limit %s for update skip locked)) returning *)"
        " select a.pool_id, a.id, a.worker_id, a.task_ids, a.solutions from taken t"
        " join assignment a on a.pool_id = t.pool_id and a.id = t.assignment_id",
        (limit,),
    )


async def known(tx: Tx, pool_id: int, task_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The known answers of those of the tasks that have one."""
    rows = await tx.rows(
        "select id, details -> 'known_solutions' -> 0 -> 'output_values' as known from task"
        " where pool_id = %s and id = any(%s) and kind = 1",
        (pool_id, list(task_ids)),
    )
    return {row["id"]: row["known"] for row in rows}


async def learn(tx: Tx, app_project_id: int, seen: Mapping[int, tuple[int, int]]) -> None:
    """Add to what is known of workers: how many answers, and how many right ones."""
    rows = sorted(seen.items())
    await tx.execute(
        "insert into app_worker as w (app_project_id, worker_id, answered, correct)"
        " select %s, n.worker_id, n.answered, n.correct"
        " from unnest(%s::int[], %s::int[], %s::int[]) n(worker_id, answered, correct)"
        " on conflict (app_project_id, worker_id) do update set answered = w.answered + excluded.answered,"
        " correct = w.correct + excluded.correct",
        (
            app_project_id,
            [worker for worker, _ in rows],
            [answered for _, (answered, _) in rows],
            [correct for _, (_, correct) in rows],
        ),
    )


async def confidence_of(tx: Tx, numbers: Sequence[int]) -> float:
    """The confidence in the results of items and of those that waited for them, summed up."""
    value: float = await tx.value(
        "select coalesce(sum((output_data ->> 'confidence')::float8), 0) from app_item"
        " where status = 2 and (id = any(%(n)s) or original_id = any(%(n)s))",
        {"n": list(numbers)},
    )
    return value
