"""Workers: what is known of them, their skills, restrictions, bonuses, messages; webhooks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import toloka.client as toloka
from toloka.client import exceptions, operations
from toloka.client.message_thread import Folder, MessageThreadFolders, MessageThreadReply
from toloka.client.user_bonus import UserBonusesCreateRequestParameters
from toloka.client.user_restriction import (
    AllProjectsUserRestriction,
    PoolUserRestriction,
    ProjectUserRestriction,
    SystemUserRestriction,
)

from . import made
from .journal import World, refused, same, scenario
from .searches import every_parameter

WORDS = {"EN": "Good work", "PT": "Bom trabalho"}


def _worked(world: World, **profile: Any) -> tuple[made.Worker, dict[str, Any], toloka.Pool]:
    """A worker who has submitted a page, the page, and its pool."""
    pool = made.opened(world, overlap=1)
    worker = made.Worker(world, **profile)
    page = worker.take(pool.id)
    worker.submit(page, "dog")
    return worker, page, pool


@scenario
def users(world: World) -> None:
    """What is known of a worker is read"""
    computed = {
        "os_family": "LINUX",
        "os_version": 6.5,
        "client_type": "BROWSER",
        "device_category": "PERSONAL_COMPUTER",
    }
    worker, _, _ = _worked(world, country="PT", languages=["EN", "PT"], adult_allowed=True, computed=computed)
    user = world.client.get_user(worker.user_id)
    assert (user.id, user.country, set(user.languages), user.adult_allowed) == (
        worker.user_id, "PT", {"EN", "PT"}, True,
    )  # fmt: skip
    found = user.attributes
    assert (found.os_family, found.os_version, found.os_version_major) == ("LINUX", 6.5, 6)
    assert (found.client_type, found.device_category) == ("BROWSER", "PERSONAL_COMPUTER")
    refused(exceptions.DoesNotExistApiError, lambda: world.client.get_user("0" * 32))


@scenario
def user_skills(world: World) -> None:
    """Skills of workers are set, changed, read, found and taken away"""
    client = world.client
    worker = made.Worker(world)
    skill = world.plain.create_skill(name=f"animals {uuid.uuid4().hex}")
    put = client.set_user_skill(skill_id=skill.id, user_id=worker.user_id, value=Decimal("85.5"))
    assert (put.value, put.exact_value, type(put.exact_value)) == (86, Decimal("85.5"), Decimal)
    request = toloka.user_skill.SetUserSkillRequest(skill_id=skill.id, user_id=worker.user_id, value=Decimal(40))
    changed = client.set_user_skill(request)
    assert (changed.id, changed.value, changed.created) == (put.id, 40, put.created)
    assert changed.modified >= put.modified
    same(client.get_user_skill(put.id), changed)
    same(client.find_user_skills(skill_id=skill.id).items, [changed])
    same(client.get_user_skills(user_id=worker.user_id, batch_size=1), [changed])
    every_parameter(world, "user_skills", changed, user_id=worker.user_id, skill_id=skill.id)
    client.delete_user_skill(put.id)
    refused(exceptions.DoesNotExistApiError, lambda: client.get_user_skill(put.id))


@scenario
def restrictions(world: World) -> None:
    """Restrictions of each scope are set, changed, read, found and lifted"""
    client = world.client
    worker, _, pool = _worked(world)
    end = (datetime.now(UTC) + timedelta(days=5)).replace(microsecond=0)
    same_worker = {"user_id": worker.user_id, "private_comment": "scenario", "will_expire": end}
    sent = [
        AllProjectsUserRestriction(**same_worker),
        ProjectUserRestriction(project_id=pool.project_id, **same_worker),
        PoolUserRestriction(pool_id=pool.id, **same_worker),
    ]
    put = [client.set_user_restriction(restriction) for restriction in sent]
    for found, restriction in zip(put, sent, strict=True):
        same(type(found), type(restriction))
        same((found.user_id, found.private_comment, found.will_expire), (worker.user_id, "scenario", end))
    same(client.get_user_restriction(put[1].id), put[1])
    put[2].private_comment = "changed"
    same(client.set_user_restriction(put[2]), put[2])
    same(client.get_user_restrictions(user_id=worker.user_id, batch_size=2), put)
    same(client.find_user_restrictions(pool_id=pool.id, scope="POOL").items, [put[2]])
    every_parameter(
        world, "user_restrictions", put[1], scope="PROJECT", user_id=worker.user_id, project_id=pool.project_id
    )
    client.delete_user_restriction(put[0].id)
    refused(exceptions.DoesNotExistApiError, lambda: client.get_user_restriction(put[0].id))
    system = SystemUserRestriction(user_id=worker.user_id)
    error = refused(exceptions.IncorrectActionsApiError, lambda: client.set_user_restriction(system))
    assert (error.status_code, error.code) == (409, "SYSTEM_SCOPE_MODIFICATION")


@scenario
def bonuses(world: World) -> None:
    """Bonuses are paid one by one and together, at once and in the background, read and found"""
    client = world.client
    worker, page, _ = _worked(world)

    def bonus(amount: str, **more: Any) -> toloka.UserBonus:
        texts = {"public_title": WORDS, "public_message": WORDS}
        return toloka.UserBonus(user_id=worker.user_id, amount=Decimal(amount), **{**texts, **more})

    for number, options in enumerate(({}, {"async_mode": False}), start=1):
        one = client.create_user_bonus(bonus(f"{number}.25", assignment_id=page["id"]), **options)
        assert (one.amount, type(one.amount), one.without_message) == (Decimal(f"{number}.25"), Decimal, False)
        same((one.assignment_id, one.public_title), (page["id"], WORDS))
        several = [bonus("0.5"), bonus("0.001"), bonus("0.75", private_comment="March", without_message=True)]
        result = client.create_user_bonuses(several, skip_invalid_items=True, **options)
        assert {key: found.amount for key, found in result.items.items()} == {"0": Decimal("0.5"), "2": Decimal("0.75")}
        same(set(result.validation_errors), {"1"})
    operation = client.create_user_bonuses_async(
        [bonus("3")], UserBonusesCreateRequestParameters(operation_id=uuid.uuid4(), async_mode=True)
    )
    same(type(operation), operations.UserBonusCreateBatchOperation)
    same(client.wait_operation(operation).details.success_count, 1)
    same(client.get_user_bonus(one.id), one)
    mine = client.get_user_bonuses(user_id=worker.user_id, batch_size=2)
    same(sum(found.amount for found in mine), Decimal("9.00"))
    same(client.find_user_bonuses(user_id=worker.user_id, sort=["-id"], limit=1).items, [mine[-1]])
    commented = next(found for found in mine if found.private_comment == "March")
    every_parameter(world, "user_bonuses", commented, user_id=worker.user_id, private_comment="March")
    every_parameter(world, "user_bonuses", one, assignment_id=page["id"])
    same(set(world.plain.get_assignment(page["id"]).bonus_ids), {mine[0].id, one.id})


@scenario
def messages(world: World) -> None:
    """Messages are sent to some, to all and by filter, answered, filed and found"""
    client = world.client
    worker, _, _ = _worked(world, languages=["PT"])
    thread = client.compose_message_thread(
        recipients_select_type="DIRECT", topic=WORDS, text=WORDS, recipients_ids=[worker.user_id], answerable=True
    )
    assert (thread.topic, thread.folders, thread.answerable) == (WORDS, [Folder.OUTBOX], True)
    same([(one.role.value, one.myself) for one in thread.interlocutors if one.myself], [("REQUESTER", True)])
    worker.write(thread.id, "Obrigado")
    here = {"id_gte": thread.id, "id_lte": thread.id}
    same([found.id for found in client.get_message_threads(folder=["UNREAD"], **here)], [thread.id])
    reply = client.reply_message_thread(thread.id, MessageThreadReply(text={"EN": "Welcome"}))
    same([message.text for message in reply.messages], [{"EN": "Welcome"}, {"PT": "Obrigado"}, WORDS])
    marked = client.add_message_thread_to_folders(thread.id, [Folder.IMPORTANT])
    assert Folder.IMPORTANT in marked.folders
    both = MessageThreadFolders(folders=[Folder.IMPORTANT, Folder.UNREAD])
    unmarked = client.remove_message_thread_from_folders(thread.id, both)
    same(set(unmarked.folders), {Folder.INBOX, Folder.OUTBOX})
    same(client.find_message_threads(folder_ne=["UNREAD"], limit=1, **here).items, [unmarked])
    every_parameter(world, "message_threads", unmarked, folder="INBOX", folder_ne="IMPORTANT")
    by_filter = client.compose_message_thread(
        recipients_select_type="FILTER", topic=WORDS, text=WORDS, recipients_filter=toloka.filter.Languages.in_("PT")
    )
    same(by_filter.compose_details.recipients_select_type.value, "FILTER")
    assert worker.user_id in {one.id for one in by_filter.interlocutors}


@scenario
def webhooks(world: World) -> None:
    """Webhook subscriptions are put, put again, read, found and deleted"""
    client = world.client
    pool = world.plain.create_pool(made.pool(world.plain.create_project(made.project()).id))
    sent = [
        toloka.WebhookSubscription(
            event_type=kind, webhook_url="https://example.org/hook", pool_id=pool.id, secret_key="s3cret"
        )
        for kind in toloka.WebhookSubscription.EventType
    ]
    wrong = toloka.WebhookSubscription(event_type="POOL_CLOSED", webhook_url="nowhere", pool_id=pool.id)
    result = client.upsert_webhook_subscriptions([*sent, wrong])
    made_ones = [result.items[str(index)] for index in range(len(sent))]
    same([found.event_type for found in made_ones], list(toloka.WebhookSubscription.EventType))
    assert all(found.secret_key is None for found in made_ones)
    same(set(result.validation_errors), {str(len(sent))})
    same(client.upsert_webhook_subscriptions(sent[:1]).items["0"].id, made_ones[0].id)
    same(client.get_webhook_subscription(made_ones[1].id), made_ones[1])
    same(client.find_webhook_subscriptions(pool_id=pool.id, event_type="POOL_CLOSED").items, [made_ones[0]])
    same(client.get_webhook_subscriptions(pool_id=pool.id, batch_size=1), made_ones)
    every_parameter(
        world, "webhook_subscriptions", made_ones[2], pool_id=pool.id, event_type=made_ones[2].event_type.value
    )
    client.delete_webhook_subscription(made_ones[0].id)
    refused(exceptions.DoesNotExistApiError, lambda: client.get_webhook_subscription(made_ones[0].id))
