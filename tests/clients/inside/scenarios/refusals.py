"""What the server refuses, as the client's own errors."""

from __future__ import annotations

import uuid
from decimal import Decimal

import toloka.client as toloka
from toloka.client import exceptions

from . import made
from .journal import World, refused, same, scenario


@scenario
def refusals(world: World) -> None:
    """What is absent, wrong, in the wrong state, in conflict, or not allowed comes as the client's own error"""
    client = world.plain
    absent = refused(exceptions.DoesNotExistApiError, lambda: client.get_pool("999999999"))
    assert (absent.status_code, absent.code) == (404, "DOES_NOT_EXIST")
    project = client.create_project(made.project())
    wrong = made.pool(project.id, reward_per_assignment=-1, priority=101)
    invalid = refused(exceptions.ValidationApiError, lambda: client.create_pool(wrong))
    same((invalid.status_code, set(invalid.invalid_fields)), (400, {"reward_per_assignment", "priority"}))
    pool = client.create_pool(made.pool(project.id))
    empty = refused(exceptions.IncorrectActionsApiError, lambda: client.open_pool(pool.id))
    assert (empty.status_code, empty.code) == (409, "EMPTY_POOL")
    bonus = toloka.UserBonus(user_id=made.Worker(world).user_id, amount=Decimal(1), without_message=True)
    twice = refused(
        exceptions.ConflictStateApiError, lambda: client.create_user_bonuses([bonus, bonus], async_mode=False)
    )
    same(twice.status_code, 409)
    mine, task = uuid.uuid4(), made.task(pool.id, overlap=0)
    refused(exceptions.ValidationApiError, lambda: client.create_task(task, operation_id=mine))
    failed = refused(exceptions.FailedOperation, lambda: client.create_task(task, operation_id=mine))
    assert failed.operation.is_completed()
    stranger = toloka.TolokaClient("no.key.here", url=world.url)
    unknown = refused(exceptions.AuthenticationApiError, stranger.get_requester)
    assert (unknown.status_code, unknown.code) == (401, "AUTHENTICATION_ERROR")
    acting = toloka.TolokaClient(world.key, url=world.url, act_under_account_id="0" * 32)
    denied = refused(exceptions.AccessDeniedApiError, acting.get_requester)
    assert (denied.status_code, denied.code) == (403, "ACCESS_DENIED")
    for error in (absent, invalid, empty, twice, failed, unknown, denied):
        world.journal.note(f"exceptions.{type(error).__name__}")
    world.journal.note("exceptions.ApiError")


@scenario
def limits(world: World) -> None:
    """What is done too often is refused as such, and says how long to wait"""
    client = toloka.TolokaClient(world.key, url=world.url, retries=0)
    made.Worker(world).take(made.opened(world).id)
    words = {"EN": "To everybody"}

    def write() -> toloka.MessageThread:
        return client.compose_message_thread(recipients_select_type="ALL", topic=words, text=words)

    same(write().topic, words)
    error = refused(exceptions.TooManyRequestsApiError, write)
    assert (error.status_code, error.code) == (429, "TOO_MANY_REQUESTS")
    assert (error.payload["interval"], error.payload["limit"]) == ("DAY", 1)
    assert 0 < error.payload["retry_in_seconds"] <= 24 * 3600
    world.journal.note("exceptions.TooManyRequestsApiError")
