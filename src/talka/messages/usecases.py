"""Writing, answering and filing messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from talka.accounts import store as accounts
from talka.accounts.model import Worker
from talka.assignments import usecases as assignments
from talka.infra.db import Tx
from talka.kit.errors import Conflict, FieldError, FieldErrors, NotFound, ValidationError, field_error
from talka.kit.ids import WorkId, object_id, parse_number, parse_object_id, parse_user_id
from talka.kit.languages import FALLBACK, MAX_TITLE
from talka.messages import rules, store
from talka.messages.model import (
    MARKS,
    Folder,
    Meta,
    NewMessage,
    NewThread,
    Notice,
    OwnThread,
    Selection,
    SelectType,
    Texts,
    Thread,
)
from talka.messages.notices import Words
from talka.messages.wire import ComposeBody, WriteBody
from talka.selection.store import condition
from talka.selection.tree import skill_references
from talka.skills import store as skills

_LATELY = 20


async def find(tx: Tx, account_id: int, thread_id: str, *, lock: bool = False) -> Thread:
    """A thread of the account.

    Raises:
        NotFound.
    """
    number = parse_object_id(thread_id)
    found = await store.get(tx, account_id, number, lock=lock) if number is not None else None
    if found is None:
        raise NotFound("message thread", thread_id)
    return found


async def find_own(tx: Tx, worker_id: int, thread_id: str) -> OwnThread:
    """A thread in which the worker takes part.

    Raises:
        NotFound.
    """
    number = parse_object_id(thread_id)
    found = await store.get_own(tx, worker_id, number) if number is not None else None
    if found is None:
        raise NotFound("message thread", thread_id)
    return found


# ---------------------------------------------------------------- requesters


async def compose(tx: Tx, account_id: int, body: ComposeBody) -> Thread:
    """Write to workers who have worked for the account.

    Raises:
        ValidationError: an id is none of such a worker, or a skill of the filter does not exist;
        Conflict: INCORRECT_RECIPIENTS when there is nobody to write to.
    """
    selection = Selection(SelectType(body.recipients_select_type))
    [thread_id] = await store.next_thread_ids(tx, 1)
    if selection.type is SelectType.ALL:
        count = await store.add_everybody(tx, thread_id, account_id)
    elif selection.type is SelectType.DIRECT:
        selection = Selection(SelectType.DIRECT, ids=body.recipients_ids)
        workers = await _named(tx, account_id, body.recipients_ids or [])
        await store.add_recipients(tx, [(thread_id, worker_id) for worker_id in workers])
        count = len(workers)
    else:
        selection = Selection(SelectType.FILTER, filter=body.recipients_filter)
        tree = body.recipients_filter or {}
        await _check_skills(tx, account_id, tree)
        count = await store.add_filtered(tx, thread_id, account_id, condition(tree))
    if count == 0:
        raise Conflict("INCORRECT_RECIPIENTS", "Nobody who has worked for you is among the recipients")
    [message_id] = await store.next_message_ids(tx, 1)
    new = NewThread(thread_id, body.topic, count, selection, answerable=body.answerable, told=message_id)
    await store.insert_threads(tx, account_id, [new])
    await store.insert_messages(tx, [NewMessage(message_id, thread_id, None, body.text)])
    return await _stored(tx, account_id, thread_id)


async def _stored(tx: Tx, account_id: int, thread_id: int) -> Thread:
    found = await store.get(tx, account_id, thread_id)
    if found is None:
        raise LookupError(f"no message thread {thread_id}")
    return found


async def _named(tx: Tx, account_id: int, user_ids: Sequence[str]) -> list[int]:
    """The workers of these ids, each once."""
    parsed = {text: parse_user_id(text) for text in user_ids}
    numbers = await accounts.worker_ids(tx, [user for user in parsed.values() if user is not None])
    workers = await store.among_workers(tx, account_id, list(numbers.values()))
    found = {text: numbers.get(user) if user is not None else None for text, user in parsed.items()}
    wrong = [text for text, number in found.items() if number not in workers]
    if wrong:
        raise field_error("recipients_ids", "ENTITY_DOES_NOT_EXIST", "No such worker has worked for you", *wrong)
    return sorted(workers)


async def _check_skills(tx: Tx, account_id: int, tree: dict[str, Any]) -> None:
    """The skills that a filter names must be the account's or the platform's."""
    errors: FieldErrors = {}
    known: dict[str, bool] = {}
    for path, text in skill_references(tree):
        if text not in known:
            number = parse_number(text)
            skill = await skills.get(tx, number) if number is not None and number < 2**31 else None
            known[text] = skill is not None and skill.account_id in (account_id, None)
        if not known[text]:
            errors[f"recipients_filter.{path}"] = FieldError("ENTITY_DOES_NOT_EXIST", "There is no such skill")
    if errors:
        raise ValidationError(errors)


async def reply(tx: Tx, account_id: int, thread_id: str, text: Texts) -> Thread:
    """Write to everybody in a thread again.

    Raises:
        NotFound; Conflict: CONFLICT_STATE when the thread is the platform's.
    """
    found = await find(tx, account_id, thread_id, lock=True)
    if found.automatic:
        raise Conflict("CONFLICT_STATE", "Nobody reads answers to what the platform tells")
    [message_id] = await store.next_message_ids(tx, 1)
    await store.insert_messages(tx, [NewMessage(message_id, found.id, None, text)])
    await store.note_told(tx, found.id, message_id)
    return await _stored(tx, account_id, found.id)


async def mark(tx: Tx, account_id: int, thread_id: str, folders: Sequence[str], *, put: bool) -> Thread:
    """Put a thread into folders or take it from them.

    Raises:
        NotFound; ValidationError: a folder is not the requester's to choose.
    """
    found = await find(tx, account_id, thread_id)
    if any(Folder(name) not in MARKS for name in folders):
        allowed = sorted(MARKS)
        raise field_error("folders", "VALUE_NOT_ALLOWED", f"Must be {' or '.join(allowed)}", *allowed)
    important, unread = (put if folder in folders else None for folder in (Folder.IMPORTANT, Folder.UNREAD))
    await store.mark(tx, found.id, important=important, unread=unread)
    return await _stored(tx, account_id, found.id)


async def tell(tx: Tx, account_id: int, notices: Sequence[Notice]) -> None:
    """Write to workers one by one in a requester's name, without asking for an answer."""
    await _tell(tx, account_id, notices)


# ---------------------------------------------------------------- the platform


async def tell_workers(tx: Tx, notices: Sequence[Notice]) -> None:
    """Write to workers one by one in the platform's name."""
    await _tell(tx, None, notices)


async def tell_requester(tx: Tx, account_id: int, words: Words, meta: Meta) -> None:
    """Write to a requester in the platform's name."""
    [thread_id] = await store.next_thread_ids(tx, 1)
    [message_id] = await store.next_message_ids(tx, 1)
    new = NewThread(thread_id, words.topic, 0, None, meta, answerable=False, automatic=True)
    await store.insert_threads(tx, account_id, [new])
    await store.insert_messages(tx, [NewMessage(message_id, thread_id, None, words.text)])


async def tell_requesters(tx: Tx, words: Words) -> None:
    """Write to every requester in the platform's name."""
    await store.insert_for_all_accounts(tx, words.topic, words.text)


async def _tell(tx: Tx, account_id: int | None, notices: Sequence[Notice]) -> None:
    threads = await store.next_thread_ids(tx, len(notices))
    messages = await store.next_message_ids(tx, len(notices))
    numbered = list(zip(threads, messages, notices, strict=True))
    await store.insert_threads(
        tx,
        account_id,
        [
            NewThread(
                id=thread_id,
                topic=notice.topic,
                recipients=1,
                selection=Selection(SelectType.DIRECT, ids=[notice.user_id]) if account_id is not None else None,
                meta=notice.meta,
                answerable=False,
                told=message_id,
                automatic=account_id is None,
            )
            for thread_id, message_id, notice in numbered
        ],
    )
    await store.insert_messages(
        tx, [NewMessage(message_id, thread_id, None, notice.text) for thread_id, message_id, notice in numbered]
    )
    await store.add_recipients(tx, [(thread_id, notice.worker_id) for thread_id, _, notice in numbered])


# ---------------------------------------------------------------- workers


async def write(tx: Tx, worker: Worker, languages: Sequence[str], body: WriteBody) -> tuple[OwnThread, bool]:
    """Write to a requester about a page or a project; whether that is new, for a second click changes nothing.

    Raises:
        ValidationError: the worker has no such page, or has never had one of the project.
    """
    # One at a time for each worker, so that a second click finds what the first has written.
    await accounts.worker_profile(tx, worker.id, lock=True)
    meta, account_id, name = await _subject(tx, worker.id, body)
    topic = body.topic or {languages[0] if languages else FALLBACK: name[:MAX_TITLE]}
    lately = await store.opened_lately(tx, worker.id, meta.project_id or 0, _LATELY)
    said = await store.messages_of(tx, lately, 1)
    for thread_id in lately:
        if rules.said_already(said[thread_id], worker.id, body.text):
            own = await find_own_number(tx, worker.id, thread_id)
            if own.thread.meta == meta and own.thread.topic == topic:
                return own, False
    [thread_id] = await store.next_thread_ids(tx, 1)
    [message_id] = await store.next_message_ids(tx, 1)
    await store.insert_threads(tx, account_id, [NewThread(thread_id, topic, 1, None, meta, answered=True)])
    await store.insert_messages(tx, [NewMessage(message_id, thread_id, worker.id, body.text)])
    await store.add_recipients(tx, [(thread_id, worker.id)])
    return await find_own_number(tx, worker.id, thread_id), True


async def find_own_number(tx: Tx, worker_id: int, thread_id: int) -> OwnThread:
    """A thread that is known to be there."""
    found = await store.get_own(tx, worker_id, thread_id)
    if found is None:
        raise LookupError(f"no message thread {thread_id}")
    return found


async def _subject(tx: Tx, worker_id: int, body: WriteBody) -> tuple[Meta, int, str]:
    """What a worker writes about, to whom, and how it is called."""
    project_id = parse_number(body.project_id) if body.project_id is not None else None
    place = None
    if body.assignment_id is not None:
        try:
            page = await assignments.find_own(tx, worker_id, body.assignment_id)
        except NotFound:
            text = "You have no such assignment"
            raise field_error("assignment_id", "ENTITY_DOES_NOT_EXIST", text) from None
        if body.project_id is not None and page.project_id != project_id:
            raise field_error("project_id", "VALUE_NOT_ALLOWED", "Must be the project of the assignment, or absent")
        project_id, place = page.project_id, WorkId(page.pool_id, page.id)
    known = project_id is not None and project_id < 2**31
    row = await store.worked_in(tx, worker_id, project_id) if known and project_id is not None else None
    if row is None:
        raise field_error("project_id", "ENTITY_DOES_NOT_EXIST", "You have not worked in such a project")
    return Meta(project_id, place.pool_id if place else None, place), row["account_id"], row["public_name"]


async def answer(tx: Tx, worker: Worker, thread_id: str, text: Texts) -> OwnThread:
    """Answer in a thread; of one with several recipients a conversation of the worker with the requester begins.

    The same again changes nothing.

    Raises:
        NotFound; Conflict: CONFLICT_STATE when the requester wants no answers.
    """
    own = await find_own(tx, worker.id, thread_id)
    if not own.thread.answerable or own.thread.account_id is None:
        raise Conflict("CONFLICT_STATE", "No answers are wanted to this message")
    account_id = own.thread.account_id
    if own.thread.recipients > 1:
        # Two answers at once: the second finds the conversation that the first began.
        await store.lock_own(tx, worker.id, own.thread.id)
        own = await find_own(tx, worker.id, thread_id)
        if own.continued is None:
            return await _begin(tx, worker, own.thread, text)
        own = await find_own_number(tx, worker.id, own.continued)
    thread = await find(tx, account_id, object_id(own.thread.id), lock=True)
    said = await store.messages_of(tx, [own.thread.id], 1)
    if not rules.said_already(said[thread.id], worker.id, text):
        [message_id] = await store.next_message_ids(tx, 1)
        await store.insert_messages(tx, [NewMessage(message_id, thread.id, worker.id, text)])
        await store.note_answered(tx, thread.id)
        await store.note_read(tx, worker.id, thread.id)
    return await find_own_number(tx, worker.id, own.thread.id)


async def _begin(tx: Tx, worker: Worker, parent: Thread, text: Texts) -> OwnThread:
    """The conversation that an answer to a message for many begins, with what the requester has said so far."""
    [thread_id] = await store.next_thread_ids(tx, 1)
    selection = Selection(SelectType.DIRECT, ids=[worker.user_id])
    new = NewThread(
        thread_id, parent.topic, 1, selection, parent.meta, parent_id=parent.id, answered=True, told=parent.told
    )
    await store.insert_threads(tx, parent.account_id, [new])
    await store.copy_messages(tx, parent.id, thread_id)
    [message_id] = await store.next_message_ids(tx, 1)
    await store.insert_messages(tx, [NewMessage(message_id, thread_id, worker.id, text)])
    await store.add_recipients(tx, [(thread_id, worker.id)], [parent.told])
    await store.note_continued(tx, worker.id, parent.id, thread_id, parent.told or 0)
    return await find_own_number(tx, worker.id, thread_id)


async def read(tx: Tx, worker_id: int, thread_id: str) -> OwnThread:
    """The worker has read a thread.

    Raises:
        NotFound.
    """
    own = await find_own(tx, worker_id, thread_id)
    await store.note_read(tx, worker_id, own.thread.id)
    return await find_own_number(tx, worker_id, own.thread.id)
