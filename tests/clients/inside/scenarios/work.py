"""Tasks, suites, operations, assignments, attachments, results, aggregation and numbers about pools."""

from __future__ import annotations

import functools
import io
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import toloka.client as toloka
from toloka.client import aggregation, analytics_request, exceptions, operations
from toloka.client.assignment import GetAssignmentsTsvParameters

from . import made
from .journal import World, refused, same, scenario
from .searches import every_parameter

SYNCHRONOUS = {"async_mode": False}
CONTENT = bytes(range(256)) * 1000


@scenario
def tasks(world: World) -> None:
    """Tasks are created one by one and together, at once and in the background, read, found and changed"""
    client = world.client
    pool = world.plain.create_pool(made.pool(world.plain.create_project(made.project()).id))
    one = client.create_task(made.task(pool.id, "one", overlap=3, known_solutions=made.known("dog")))
    assert (one.pool_id, one.input_values, one.overlap) == (pool.id, {"text": "one"}, 3)
    same(one.known_solutions, made.known("dog"))
    same(client.get_task(one.id), one)
    wrong = toloka.Task(pool_id=pool.id, input_values={"txet": "x"})
    sent = [made.task(pool.id, "two"), wrong, made.task(pool.id, "three", overlap=5)]
    for options in ({}, SYNCHRONOUS):
        result = client.create_tasks(sent, allow_defaults=True, skip_invalid_items=True, **options)
        assert {key: found.input_values["text"] for key, found in result.items.items()} == {"0": "two", "2": "three"}
        same(result.items["2"].overlap, 5)
        assert set(result.validation_errors["1"]) == {"input_values.text", "input_values.txet"}
        same(result.validation_errors["1"]["input_values.text"].code, "VALUE_REQUIRED")
        strict = functools.partial(client.create_tasks, sent, allow_defaults=True, **options)
        error = refused(exceptions.ValidationApiError, strict)
        same(list(error.payload), ["1"])
    three = result.items["2"]
    operation = client.create_tasks_async([made.task(pool.id, "four")], allow_defaults=True)
    same(type(operation), operations.TasksCreateOperation)
    done = client.wait_operation(operation)
    same((done.details["total_count"], done.details["success_count"]), (1, 1))
    same(client.find_tasks(pool_id=pool.id, overlap=5, sort=["-id"], limit=1).items, [three])
    everything = client.get_tasks(pool_id=pool.id, batch_size=2)
    same([found.input_values["text"] for found in everything], ["one", "two", "three", "two", "three", "four"])
    every_parameter(world, "tasks", three, need={"pool_id": pool.id}, overlap=5)
    changed = client.patch_task(one.id, overlap=7, baseline_solutions=[
        toloka.Task.BaselineSolution(output_values={"label": "cat"}, confidence_weight=Decimal("0.5")),
    ])  # fmt: skip
    assert (changed.overlap, changed.remaining_overlap, changed.baseline_solutions[0].confidence_weight) == (7, 7, 0.5)
    least = client.patch_task_overlap_or_min(one.id, overlap=0)
    assert (least.overlap, least.remaining_overlap, least.infinite_overlap) == (0, 0, False)
    endless = client.patch_task(one.id, infinite_overlap=True)
    assert (endless.overlap, endless.infinite_overlap) == (None, True)


@scenario
def suites(world: World) -> None:
    """Suites are created one by one and together, at once and in the background, read, found and changed"""
    client = world.client
    pool = world.plain.create_pool(made.pool(world.plain.create_project(made.project()).id, page=0))
    one = client.create_task_suite(made.suite(pool.id, "one", "two", overlap=3))
    assert ([task.input_values["text"] for task in one.tasks], one.overlap, one.mixed) == (["one", "two"], 3, False)
    same(client.get_task_suite(one.id), one)
    sent = [made.suite(pool.id, "three", issuing_order_override=2.5), made.suite(pool.id)]
    for options in ({}, SYNCHRONOUS):
        result = client.create_task_suites(sent, allow_defaults=True, skip_invalid_items=True, **options)
        assert (list(result.items), list(result.validation_errors)) == (["0"], ["1"])
        same(result.items["0"].issuing_order_override, 2.5)
        same(list(result.validation_errors["1"]), ["tasks"])
    operation = client.create_task_suites_async([made.suite(pool.id, "four")], allow_defaults=True)
    same(type(operation), operations.TaskSuiteCreateBatchOperation)
    same(client.wait_operation(operation).details["success_count"], 1)
    same(len(client.get_task_suites(pool_id=pool.id, batch_size=2)), 4)
    same(client.find_task_suites(task_id=one.tasks[1].id).items, [one])
    every_parameter(world, "task_suites", one, need={"pool_id": pool.id}, overlap=3, task_id=one.tasks[0].id)
    changed = client.patch_task_suite(one.id, overlap=5, issuing_order_override=10.5)
    assert (changed.overlap, changed.remaining_overlap, changed.issuing_order_override) == (5, 5, 10.5)
    same(client.patch_task_suite_overlap_or_min(one.id, overlap=0).overlap, 0)


@scenario
def the_same_call_again(world: World) -> None:
    """A creation that is repeated under its operation id creates nothing more, and its operation can be read"""
    client = world.client
    pool = world.plain.create_pool(made.pool(world.plain.create_project(made.project()).id))
    mine = uuid.uuid4()
    sent = [made.task(pool.id, "one"), made.task(pool.id, "two")]
    results = [client.create_tasks(sent, allow_defaults=True, operation_id=mine) for _ in range(2)]
    same(results[0], results[1])
    operation = client.get_operation(str(mine))
    same((type(operation), operation.status), (operations.TasksCreateOperation, operations.Operation.SUCCESS))
    log = client.get_operation_log(str(mine))
    same([(item.type, item.success, item.input["__item_idx"]) for item in log], [
        ("TASK_CREATE", True, "0"), ("TASK_CREATE", True, "1"),
    ])  # fmt: skip
    same([item.output["task_id"] for item in log], [results[0].items[key].id for key in ("0", "1")])
    found = client.find_operations(submitted_gte=operation.submitted, type=["TASK.BATCH_CREATE"], limit=10)
    assert operation in found.items
    assert operation in client.get_operations(submitted_gte=operation.submitted, batch_size=1)
    every_parameter(world, "operations", operation, type="TASK.BATCH_CREATE", status="SUCCESS")


def _reviewed_pool(world: World) -> tuple[toloka.Pool, dict[str, Any], made.Worker]:
    """A pool under review, its pages by what became of them, and the worker of the first."""
    pool = made.opened(world, ["one", "two"], overlap=6, auto_accept_solutions=False, auto_accept_period_day=7)
    pages = {}
    workers = [made.Worker(world) for _ in range(5)]
    for worker, what in zip(workers, ("good", "bad", "skipped", "left", "active"), strict=True):
        pages[what] = page = worker.take(pool.id)
        if what == "skipped":
            worker.skip(page)
        elif what == "left":
            worker.leave(page)
        elif what == "good":
            photo = worker.attach(page, "photo ☕.jpg", CONTENT, "image/jpeg")
            worker.submit(page, "dog", photo=photo)
        elif what == "bad":
            worker.submit(page, "cat")
    return pool, pages, workers[0]


@scenario
def assignments(world: World) -> None:
    """Assignments in every status are read, found, accepted and rejected, and read as a table"""
    client = world.client
    pool, pages, worker = _reviewed_pool(world)
    good, bad = pages["good"]["id"], pages["bad"]["id"]
    read = client.get_assignment(good)
    assert (read.status, read.user_id, read.reward) == (toloka.Assignment.SUBMITTED, worker.user_id, Decimal("0.05"))
    same(type(read.reward), Decimal)
    same([solution.output_values["label"] for solution in read.solutions], ["dog", "dog"])
    same({task.input_values["text"] for task in read.tasks}, {"one", "two"})
    statuses = {page.id: page.status.value for page in client.get_assignments(pool_id=pool.id, batch_size=2)}
    same(statuses, {
        pages[what]["id"]: status
        for what, status in zip(pages, ("SUBMITTED", "SUBMITTED", "SKIPPED", "EXPIRED", "ACTIVE"), strict=True)
    })  # fmt: skip
    waiting = client.find_assignments(pool_id=pool.id, status=["SUBMITTED", toloka.Assignment.ACTIVE], limit=2)
    assert (len(waiting.items), waiting.has_more) == (2, True)
    accepted = client.accept_assignment(good, "Well done")
    assert (accepted.status, accepted.public_comment) == (toloka.Assignment.ACCEPTED, "Well done")
    rejected = client.reject_assignment(bad, "A cat does not bark")
    assert (rejected.status, rejected.public_comment) == (toloka.Assignment.REJECTED, "A cat does not bark")
    for what in pages:
        page = world.plain.get_assignment(pages[what]["id"])
        named = {"status": page.status.value, "user_id": page.user_id, "task_suite_id": page.task_suite_id}
        every_parameter(world, "assignments", page, pool_id=pool.id, task_id=page.tasks[0].id, **named)
    again = client.patch_assignment(bad, public_comment="After all", status=toloka.Assignment.ACCEPTED)
    assert (again.status, again.rejected) == (toloka.Assignment.ACCEPTED, rejected.rejected)
    final = refused(exceptions.IncorrectActionsApiError, lambda: client.reject_assignment(good, "Too late"))
    assert (final.status_code, final.code) == (409, "INAPPROPRIATE_STATUS")
    _table(world, pool, pages)


def _table(world: World, pool: toloka.Pool, pages: dict[str, Any]) -> None:
    fields, statuses = GetAssignmentsTsvParameters.Field, GetAssignmentsTsvParameters.Status
    plain = world.client.get_assignments_df(pool.id)
    same(set(plain["ASSIGNMENT:assignment_id"]), {pages["good"]["id"], pages["bad"]["id"]})
    same(sorted(zip(plain["INPUT:text"], plain["OUTPUT:label"], strict=True)), [
        ("one", "cat"), ("one", "dog"), ("two", "cat"), ("two", "dog"),
    ])  # fmt: skip
    full = world.client.get_assignments_df(
        pool.id,
        status=list(statuses),
        start_time_from=datetime.now(UTC) - timedelta(hours=1),
        start_time_to=datetime.now(UTC) + timedelta(hours=1),
        exclude_banned=True,
        field=list(fields),
    )
    assert {field.value for field in fields} <= set(full.columns)
    same(set(full["ASSIGNMENT:status"]), {"ACTIVE", "APPROVED", "SKIPPED", "EXPIRED"})
    assert full["ASSIGNMENT:reward"].eq(0.05).all()
    later = world.client.get_assignments_df(pool.id, start_time_from=datetime.now(UTC) + timedelta(hours=1))
    same((len(later), "INPUT:text" in later.columns), (0, True))


@scenario
def attachments(world: World) -> None:
    """Files that workers sent are found, read and downloaded"""
    client = world.client
    pool, pages, worker = _reviewed_pool(world)
    [found] = client.get_attachments(pool_id=pool.id)
    same(type(found), toloka.attachment.AssignmentAttachment)
    assert (found.name, found.media_type, found.owner.myself) == ("photo ☕.jpg", "image/jpeg", True)
    details = (found.details.user_id, found.details.assignment_id, found.details.pool_id)
    same(details, (worker.user_id, pages["good"]["id"], pool.id))
    same(client.get_attachment(found.id), found)
    same(client.find_attachments(assignment_id=pages["good"]["id"], sort=["-created"], limit=1).items, [found])
    every_parameter(
        world, "attachments", found, need={"pool_id": pool.id},
        name=found.name, type="ASSIGNMENT_ATTACHMENT", user_id=worker.user_id, owner_id=found.owner.id,
    )  # fmt: skip
    content = io.BytesIO()
    client.download_attachment(found.id, content)
    same(content.getvalue(), CONTENT)
    absent = str(uuid.uuid4())
    refused(exceptions.DoesNotExistApiError, lambda: client.download_attachment(absent, io.BytesIO()))


@scenario
def aggregation_and_numbers(world: World) -> None:
    """Answers are aggregated by pool and by task, and all twelve numbers about a pool are right"""
    client, plain = world.client, world.plain
    pool = made.opened(world, ["one", "two", "three"], page=3, overlap=3)
    skill = plain.create_skill(name=f"accuracy {uuid.uuid4().hex}")
    for label, value in (("dog", 90), ("dog", 80), ("cat", 60)):
        worker = made.Worker(world)
        plain.set_user_skill(skill_id=skill.id, user_id=worker.user_id, value=Decimal(value))
        worker.submit(worker.take(pool.id), label)
    world.until(lambda: plain.get_pool(pool.id).is_closed(), "a finished pool closes")
    by_skill = {"pool_id": pool.id, "answer_weight_skill_id": skill.id}
    field = aggregation.PoolAggregatedSolutionRequest.Field(name="label")
    right = 0.9 * 0.8 * 0.4
    confidence = right / (right + 0.1 * 0.2 * 0.6)
    for kind in aggregation.AggregatedSolutionType:
        operation = client.aggregate_solutions_by_pool(type=kind, fields=[field], **by_skill)
        same(type(operation), operations.AggregatedSolutionOperation)
        done = client.wait_operation(operation)
        same((done.parameters.pool_id, done.is_completed()), (pool.id, True))
        found = client.get_aggregated_solutions(done.id, batch_size=2)
        same([solution.output_values for solution in found], [{"label": "dog"}] * 3)
        if kind is aggregation.AggregatedSolutionType.WEIGHTED_DYNAMIC_OVERLAP:
            assert all(abs(float(solution.confidence) - confidence) < 1e-5 for solution in found)
        same(client.find_aggregated_solutions(done.id, sort=["-task_id"], limit=1).items, found[-1:])
        every_parameter(world, "aggregated_solutions", found[1], done.id)
    one = aggregation.WeightedDynamicOverlapTaskAggregatedSolutionRequest
    request = one(task_id=found[0].task_id, fields=[one.Field(name="label")], **by_skill)
    solution = client.aggregate_solutions_by_task(request)
    same((solution.task_id, solution.output_values), (found[0].task_id, {"label": "dog"}))
    _numbers(world, pool)


def _numbers(world: World, pool: toloka.Pool) -> None:
    expected = {
        "real_tasks_count": 3,
        "submitted_assignments_count": 3,
        "skipped_assignments_count": 0,
        "rejected_assignments_count": 0,
        "approved_assignments_count": 3,
        "completion_percentage": {"type": "NORMAL", "value": 100, "infinite": False, "approximate": False},
        "spent_budget": Decimal("0.15"),
        "unique_workers_count": 3,
        "unique_submitters_count": 3,
    }
    requests = [kind for name, kind in vars(analytics_request).items() if name.endswith("PoolAnalytics")]
    asked = [
        kind(subject_id=pool.id, **({"interval_hours": 1} if "ActiveWorkers" in kind.__name__ else {}))
        for kind in requests
    ]
    same(len(asked), 12)
    operation = world.client.get_analytics(asked)
    same(type(operation), operations.AnalyticsOperation)
    answers = world.client.wait_operation(operation).details["value"]
    same([answer["request"] for answer in answers], [request.unstructure() for request in asked])
    results = {answer["request"]["name"]: answer["result"] for answer in answers}
    assert {name: results.pop(name) for name in expected} == expected
    assert results.pop("avg_submit_assignment_millis") >= 0
    assert results.pop("active_workers_by_filter_count") >= 3
    same(results.pop("estimated_assignments_count")["value"], 3)
    same(results, {})
    for kind in requests:
        world.journal.note(f"analytics_request.{kind.__name__}")
