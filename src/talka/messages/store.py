"""SQL of threads, messages and recipients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from psycopg import sql
from psycopg.types.json import Json

from talka.infra.db import Row, Tx
from talka.infra.http.listing import Listing, ListSpec, conditions, moments, object_ids
from talka.kit.ids import WorkId
from talka.messages.model import (
    Folder,
    Message,
    Meta,
    NewMessage,
    NewThread,
    OwnThread,
    Selection,
    SelectType,
    Texts,
    Thread,
)
from talka.selection.store import Condition

_COLUMNS: LiteralString = (
    "t.id, t.account_id, t.parent_id, t.recipients, t.topic, t.select_type, t.recipients_ids, t.recipients_filter,"
    " t.project_id, t.pool_id, t.assignment_id, t.answerable, t.opener, t.inbox, t.outbox, t.important, t.unread,"
    " t.told, t.created, a.requester_id"
)
_SELECT: LiteralString = f"select {_COLUMNS} from message_thread t join account a on a.id = t.account_id"
_OWN: LiteralString = (
    f"select {_COLUMNS}, a.public_name, r.continued,"
    " t.told is not null and (r.read is null or r.read < t.told) as news"
    " from message_recipient r join message_thread t on t.id = r.thread_id left join account a on a.id = t.account_id"
)
# A thread that a worker has answered is shown as the conversation that came of it, until there is news in it.
_SHOWN: LiteralString = "(r.continued is null or r.continued_after < t.told)"
_FOLDERS: Mapping[str, LiteralString] = {
    Folder.INBOX: "t.inbox",
    Folder.OUTBOX: "t.outbox",
    Folder.AUTOMATIC_NOTIFICATION: "t.opener = 'SYSTEM'",
    Folder.IMPORTANT: "t.important",
    Folder.UNREAD: "t.unread",
}
LIST = ListSpec(
    filters={"folder": conditions(_FOLDERS), "folder_ne": conditions(_FOLDERS, denied=True)},
    ranges={"id": object_ids("t.id"), "created": moments("t.created")},
    sorts={"id": ("t.id",), "created": ("t.created",)},
    max_limit=300,
)
_NEWS: LiteralString = "(t.told is not null and (r.read is null or r.read < t.told))"
OWN = ListSpec(
    filters={"unread": conditions({"true": _NEWS, "false": f"not {_NEWS}"})},
    ranges={"id": object_ids("r.thread_id"), "created": moments("t.created")},
    sorts={"id": ("r.thread_id",), "created": ("t.created",)},
    max_limit=300,
)


def _thread(row: Row) -> Thread:
    selection = None
    if row["select_type"] is not None:
        selection = Selection(SelectType(row["select_type"]), row["recipients_ids"], row["recipients_filter"])
    number = row["assignment_id"]
    automatic = row["opener"] == "SYSTEM"
    held = {
        Folder.INBOX: row["inbox"],
        Folder.OUTBOX: row["outbox"],
        Folder.AUTOMATIC_NOTIFICATION: automatic,
        Folder.IMPORTANT: row["important"],
        Folder.UNREAD: row["unread"],
    }
    return Thread(
        id=row["id"],
        account_id=row["account_id"],
        requester_id=row["requester_id"].hex if row["requester_id"] is not None else None,
        parent_id=row["parent_id"],
        recipients=row["recipients"],
        topic=row["topic"],
        selection=selection,
        meta=Meta(row["project_id"], row["pool_id"], WorkId(row["pool_id"], number) if number is not None else None),
        answerable=row["answerable"],
        automatic=automatic,
        folders=tuple(folder for folder, is_in in held.items() if is_in),
        told=row["told"],
        created=row["created"],
    )


def _own(row: Row) -> OwnThread:
    return OwnThread(_thread(row), row["public_name"], row["news"], row["continued"])


async def next_thread_ids(tx: Tx, count: int) -> list[int]:
    """Fresh, ascending numbers of threads."""
    rows = await tx.rows("select nextval('message_thread_id_seq') as id from generate_series(1, %s)", (count,))
    return [row["id"] for row in rows]


async def next_message_ids(tx: Tx, count: int) -> list[int]:
    """Fresh, ascending numbers of messages."""
    rows = await tx.rows("select nextval('message_id_seq') as id from generate_series(1, %s)", (count,))
    return [row["id"] for row in rows]


async def insert_threads(tx: Tx, account_id: int | None, threads: Sequence[NewThread]) -> None:
    """Store new threads of one account, or of none."""
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy(
            "copy message_thread (id, account_id, parent_id, opener, recipients, topic, select_type, recipients_ids,"
            " recipients_filter, project_id, pool_id, assignment_id, answerable, inbox, outbox, unread, told, created)"
            " from stdin"
        ) as copy,
    ):
        for new in threads:
            chosen, about = new.selection, new.meta
            opener = "SYSTEM" if new.automatic else "WORKER" if chosen is None else "REQUESTER"
            sent = new.told is not None and not new.automatic
            unread = new.answered or new.automatic
            await copy.write_row(
                (
                    new.id, account_id, new.parent_id, opener, new.recipients, Json(new.topic),
                    chosen.type.value if chosen else None, _json(chosen.ids if chosen else None),
                    _json(chosen.filter if chosen else None), about.project_id, about.pool_id,
                    about.assignment.number if about.assignment else None, new.answerable, new.answered, sent, unread,
                    new.told, tx.now,
                )
            )  # fmt: skip


async def insert_for_all_accounts(tx: Tx, topic: Texts, text: Texts) -> None:
    """Store a thread of the platform's with one message for every account."""
    await tx.execute(
        "with made as (insert into message_thread (id, account_id, opener, recipients, topic, answerable, inbox,"
        "   outbox, unread, created) select nextval('message_thread_id_seq'), a.id, 'SYSTEM', 0, %(topic)s, false,"
        "   false, false, true, %(now)s from account a returning id)"
        " insert into message (thread_id, id, body, created)"
        " select id, nextval('message_id_seq'), %(text)s, %(now)s from made",
        {"topic": Json(topic), "text": Json(text), "now": tx.now},
    )


def _json(value: Any) -> Json | None:
    return Json(value) if value is not None else None


async def insert_messages(tx: Tx, messages: Sequence[NewMessage]) -> None:
    """Store new messages."""
    async with (
        tx.conn.cursor() as cursor,
        cursor.copy("copy message (thread_id, id, worker_id, body, created) from stdin") as copy,
    ):
        for new in messages:
            await copy.write_row((new.thread_id, new.id, new.worker_id, Json(new.text), tx.now))


async def copy_messages(tx: Tx, parent_id: int, thread_id: int) -> None:
    """Let a conversation begin with what was said in the thread that it comes from."""
    await tx.execute(
        "insert into message (thread_id, id, worker_id, body, created)"
        " select %s, m.id, m.worker_id, m.body, m.created from message m where m.thread_id = %s",
        (thread_id, parent_id),
    )


async def add_recipients(tx: Tx, pairs: Sequence[tuple[int, int]], read: Sequence[int | None] | None = None) -> None:
    """Let workers take part: (thread, worker) each, and what they have read."""
    threads, workers = [thread for thread, _ in pairs], [worker for _, worker in pairs]
    await tx.execute(
        "insert into message_recipient (thread_id, worker_id, read)"
        " select * from unnest(%s::bigint[], %s::int[], %s::bigint[])",
        (threads, workers, list(read) if read is not None else [None] * len(pairs)),
    )


async def add_everybody(tx: Tx, thread_id: int, account_id: int) -> int:
    """Let everybody take part who has worked for an account; how many."""
    return await tx.execute(
        "insert into message_recipient (thread_id, worker_id)"
        " select distinct %s::bigint, worker_id from account_worker where account_id = %s",
        (thread_id, account_id),
    )


async def add_filtered(tx: Tx, thread_id: int, account_id: int, chosen: Condition) -> int:
    """Let those of them take part who pass a filter; how many."""
    query = sql.SQL(
        "insert into message_recipient (thread_id, worker_id) select %s, w.id from worker w"
        " where w.id in (select worker_id from account_worker where account_id = %s) and {}"
    ).format(chosen.text)
    return await tx.execute(query, [thread_id, account_id, *chosen.values])


async def among_workers(tx: Tx, account_id: int, worker_ids: Sequence[int]) -> set[int]:
    """Those of some workers who have worked for an account."""
    rows = await tx.rows(
        "select w.id from unnest(%s::int[]) w(id)"
        " where exists (select 1 from worked_for f where f.worker_id = w.id and f.account_id = %s)",
        (list(worker_ids), account_id),
    )
    return {row["id"] for row in rows}


async def worked_in(tx: Tx, worker_id: int, project_id: int) -> Row | None:
    """Account and name of a project of which a worker has taken a page."""
    return await tx.row(
        "select j.account_id, j.public_name from project j where j.id = %s and exists (select 1 from pool p"
        "   join issue_cursor c on c.pool_id = p.id where p.project_id = j.id and c.worker_id = %s)",
        (project_id, worker_id),
    )


async def get(tx: Tx, account_id: int, thread_id: int, *, lock: bool = False) -> Thread | None:
    """A thread of an account; `lock` keeps it until commit."""
    query: LiteralString = _SELECT + " where t.id = %s and t.account_id = %s"
    row = await tx.row(query + (" for update of t" if lock else ""), (thread_id, account_id))
    return _thread(row) if row else None


async def listed(tx: Tx, account_id: int, listing: Listing) -> tuple[list[Thread], bool]:
    """A page of an account's threads."""
    rows, more = await listing.fetch(tx, _SELECT, ("t.account_id = %s", account_id))
    return [_thread(row) for row in rows], more


async def get_own(tx: Tx, worker_id: int, thread_id: int) -> OwnThread | None:
    """A thread in which a worker takes part."""
    row = await tx.row(_OWN + " where r.worker_id = %s and r.thread_id = %s", (worker_id, thread_id))
    return _own(row) if row else None


async def lock_own(tx: Tx, worker_id: int, thread_id: int) -> None:
    """Let nobody else change how a worker takes part in a thread until commit."""
    await tx.rows(
        "select 1 from message_recipient where worker_id = %s and thread_id = %s for update", (worker_id, thread_id)
    )


async def listed_own(tx: Tx, worker_id: int, listing: Listing) -> tuple[list[OwnThread], bool]:
    """A page of the threads in which a worker takes part."""
    rows, more = await listing.fetch(tx, _OWN, (f"{_SHOWN} and r.worker_id = %s", worker_id))
    return [_own(row) for row in rows], more


async def opened_lately(tx: Tx, worker_id: int, project_id: int, limit: int) -> list[int]:
    """The last threads that a worker began about a project."""
    rows = await tx.rows(
        "select t.id from message_recipient r join message_thread t on t.id = r.thread_id"
        " where r.worker_id = %s and t.opener = 'WORKER' and t.project_id = %s order by r.thread_id desc limit %s",
        (worker_id, project_id, limit),
    )
    return [row["id"] for row in rows]


async def workers_of(tx: Tx, thread_ids: Sequence[int]) -> dict[int, list[str]]:
    """User ids of those who take part in threads."""
    rows = await tx.rows(
        "select r.thread_id, w.user_id from message_recipient r join worker w on w.id = r.worker_id"
        " where r.thread_id = any(%s)",
        (list(thread_ids),),
    )
    found: dict[int, list[str]] = {thread_id: [] for thread_id in thread_ids}
    for row in rows:
        found[row["thread_id"]].append(row["user_id"].hex)
    return found


async def messages_of(tx: Tx, thread_ids: Sequence[int], limit: int) -> dict[int, list[Message]]:
    """The last messages of threads, newest first."""
    rows = await tx.rows(
        "select m.thread_id, m.worker_id, w.user_id, m.body, m.created from unnest(%s::bigint[]) t(id)"
        " cross join lateral (select * from message where thread_id = t.id order by id desc limit %s) m"
        " left join worker w on w.id = m.worker_id order by m.thread_id, m.id desc",
        (list(thread_ids), limit),
    )
    found: dict[int, list[Message]] = {thread_id: [] for thread_id in thread_ids}
    for row in rows:
        user_id = row["user_id"].hex if row["user_id"] is not None else None
        message = Message(row["thread_id"], row["worker_id"], user_id, row["body"], row["created"])
        found[row["thread_id"]].append(message)
    return found


async def note_told(tx: Tx, thread_id: int, message_id: int) -> None:
    """The requester has written; whatever waited for it is read."""
    await tx.execute(
        "update message_thread set outbox = true, unread = false, told = %s where id = %s", (message_id, thread_id)
    )


async def note_answered(tx: Tx, thread_id: int) -> None:
    """A worker has written."""
    await tx.execute("update message_thread set inbox = true, unread = true where id = %s", (thread_id,))


async def note_read(tx: Tx, worker_id: int, thread_id: int) -> None:
    """A worker has seen everything up to now."""
    await tx.execute(
        "update message_recipient r set read = t.told from message_thread t"
        " where t.id = r.thread_id and r.worker_id = %s and r.thread_id = %s",
        (worker_id, thread_id),
    )


async def note_continued(tx: Tx, worker_id: int, thread_id: int, conversation: int, after: int) -> None:
    """A worker's answer began a conversation."""
    await tx.execute(
        "update message_recipient set continued = %s, continued_after = %s, read = %s"
        " where worker_id = %s and thread_id = %s",
        (conversation, after, after, worker_id, thread_id),
    )


async def mark(tx: Tx, thread_id: int, *, important: bool | None, unread: bool | None) -> None:
    """Set or remove marks; None leaves one as it is."""
    await tx.execute(
        "update message_thread set important = coalesce(%s, important), unread = coalesce(%s, unread) where id = %s",
        (important, unread, thread_id),
    )
