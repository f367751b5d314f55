"""Projects, pools, trainings, skills, and the account."""

from __future__ import annotations

import copy
from typing import Any

import toloka.client as toloka
from toloka.client import exceptions, operations
from toloka.client.pool.speed_quality_balance_config import TopPercentageByQuality
from toloka.client.project import ProjectUpdateDifferenceLevel

from . import made
from .journal import World, refused, same, scenario
from .searches import every_parameter


@scenario
def the_account(world: World) -> None:
    """The account's id and balance are read"""
    account = world.client.get_requester()
    assert len(account.id) == 32
    assert account.balance == world.plain.get_requester().balance
    assert account.public_name == {}


@scenario
def projects(world: World) -> None:
    """Projects are created, read, edited, compared with what is stored, found and archived"""
    client = world.client
    sent = made.project()
    sent.set_default_language("EN")
    sent.add_requester_translation("FR", public_name="Animaux", public_description="Quel animal ?")
    created = client.create_project(sent)
    for name in ("public_name", "public_instructions", "task_spec", "localization_config", "metadata"):
        same(getattr(created, name), getattr(sent, name))
    assert (created.status, created.owner["myself"]) == (toloka.Project.ProjectStatus.ACTIVE, True)
    same(client.get_project(created.id), created)
    edited = copy.deepcopy(created)
    edited.public_name = "Animals again"
    wider = copy.deepcopy(created)
    wider.task_spec.output_spec["label"].allowed_values = [*made.LABELS, "owl"]
    level = client.check_update_project_for_major_version_change
    assert level(created.id, created) is ProjectUpdateDifferenceLevel.EQUAL
    assert level(created.id, edited) is ProjectUpdateDifferenceLevel.NON_BREAKING_CHANGE
    assert level(created.id, wider) is ProjectUpdateDifferenceLevel.BREAKING_CHANGE
    same(client.update_project(created.id, edited), edited)
    others = [client.create_project(made.project()) for _ in range(2)]
    everything = [edited, *others]
    same(client.find_projects(id_gte=created.id, limit=2).items, everything[:2])
    same(client.get_projects(id_gte=created.id, batch_size=2), everything)
    every_parameter(world, "projects", others[0], status=toloka.Project.ProjectStatus.ACTIVE)
    operation = client.archive_project_async(created.id)
    same(type(operation), operations.ProjectArchiveOperation)
    assert client.wait_operation(operation).status is operations.Operation.SUCCESS
    same(client.archive_project(others[0].id).status, toloka.Project.ProjectStatus.ARCHIVED)
    same(client.get_projects(status=toloka.Project.ProjectStatus.ARCHIVED, id_gte=created.id)[0].id, created.id)


@scenario
def cloned_projects(world: World) -> None:
    """A project is cloned with its quality control, trainings and pools"""
    plain = world.plain
    source = made.project()
    source.quality_control = toloka.quality_control.QualityControl(configs=[])
    source.quality_control.add_action(
        collector=toloka.collectors.Income(),
        conditions=[toloka.conditions.IncomeSumForLast24Hours >= 20],
        action=toloka.actions.RestrictionV2(
            scope=toloka.UserRestriction.PROJECT, duration=1, duration_unit="DAYS", private_comment="enough"
        ),
    )
    project = plain.create_project(source)
    training = plain.create_training(made.training(project.id))
    pool = made.pool(project.id)
    pool.quality_control = toloka.quality_control.QualityControl(configs=[])
    pool.set_training_requirement(training_pool_id=training.id, training_passing_skill_value=80)
    pool.quality_control.add_action(
        collector=toloka.collectors.SkippedInRowAssignments(),
        conditions=[toloka.conditions.SkippedInRowCount > 3],
        action=toloka.actions.RestrictionV2(scope="POOL", duration=1, duration_unit="DAYS"),
    )
    pool = plain.create_pool(pool)
    clone = world.client.clone_project(project.id)
    assert clone.project.id != project.id
    same(clone.project.task_spec, project.task_spec)
    [rule] = clone.project.quality_control.configs
    same(rule, project.quality_control.configs[0])
    [new_training], [new_pool] = clone.trainings, clone.pools
    same(new_training.project_id, clone.project.id)
    same(new_pool.quality_control.training_requirement.training_pool_id, new_training.id)
    same(new_pool.quality_control.configs[0].rules, pool.quality_control.configs[0].rules)
    kept, fresh = (
        world.client.clone_project(project.id, reuse_controllers=reuse).pools[0].quality_control.configs[0]
        for reuse in (True, False)
    )
    first = pool.quality_control.configs[0].collector_config.uuid
    same(kept.collector_config.uuid, first)
    assert fresh.collector_config.uuid not in {None, first}


@scenario
def pools(world: World) -> None:
    """Pools are created, read, edited, found and cloned"""
    client = world.client
    project = world.plain.create_project(made.project())
    sent = made.pool(project.id, priority=10, private_comment="first", metadata={"batch": ["one"]})
    sent.filter = (toloka.filter.Languages.in_("EN")) & (toloka.filter.Country == "PT")
    sent.set_speed_quality_balance(TopPercentageByQuality(percent=90))
    created = client.create_pool(sent)
    for name in ("private_name", "will_expire", "reward_per_assignment", "mixer_config", "defaults", "metadata"):
        same(getattr(created, name), getattr(sent, name))
    same(created.filter.unstructure(), sent.unstructure()["filter"])
    assert (created.is_closed(), created.type, created.last_close_reason) == (True, toloka.Pool.Type.REGULAR, None)
    same(client.get_pool(created.id), created)
    edited = copy.deepcopy(created)
    edited.private_name, edited.reward_per_assignment = "renamed", 0.07
    same(client.update_pool(created.id, edited), edited)
    edited.priority = 20
    same(client.patch_pool(created.id, priority=20), edited)
    clone = client.clone_pool(created.id)
    assert (clone.id != created.id, clone.private_name, clone.priority) == (True, "renamed", 20)
    operation = client.clone_pool_async(created.id)
    same(type(operation), operations.PoolCloneOperation)
    done = client.wait_operation(operation)
    second = client.get_pool(done.details.pool_id)
    same(client.find_pools(project_id=project.id, sort=["-id"], limit=2).items, [second, clone])
    same(client.get_pools(project_id=project.id, batch_size=2), [edited, clone, second])
    every_parameter(world, "pools", clone, status=toloka.Pool.Status.CLOSED, project_id=project.id)


@scenario
def lives_of_pools(world: World) -> None:
    """Pools are opened, closed, closed for an update and archived, also without waiting"""
    client, plain = world.client, world.plain
    project = plain.create_project(made.project())
    pool = plain.create_pool(made.pool(project.id))
    empty = refused(exceptions.IncorrectActionsApiError, lambda: client.open_pool(pool.id))
    assert (empty.code, empty.status_code) == ("EMPTY_POOL", 409)
    plain.create_task(made.task(pool.id, overlap=1), async_mode=False)
    reasons = toloka.Pool.CloseReason
    opened = client.open_pool(pool.id)
    assert opened.is_open()
    assert opened.last_started >= opened.created
    every_parameter(world, "pools", opened, status=toloka.Pool.Status.OPEN)
    assert client.open_pool_async(pool.id) is None
    same(client.close_pool_for_update(pool.id).last_close_reason, reasons.FOR_UPDATE)
    for start, kind in (
        (client.open_pool_async, operations.PoolOpenOperation),
        (client.close_pool_async, operations.PoolCloseOperation),
        (client.open_pool_async, operations.PoolOpenOperation),
        (client.close_pool_for_update_async, operations.PoolCloseOperation),
    ):
        operation = start(pool.id)
        same(type(operation), kind)
        same(operation.parameters.pool_id, pool.id)
        assert client.wait_operation(operation).is_completed()
    closed = client.close_pool(pool.id)
    assert (closed.is_closed(), closed.last_close_reason) == (True, reasons.MANUAL)
    operation = client.archive_pool_async(pool.id)
    same(type(operation), operations.PoolArchiveOperation)
    client.wait_operation(operation)
    assert client.archive_pool(pool.id).is_archived()


def _training_tasks(world: World, training_id: str) -> None:
    """Tasks that the training opens with."""
    tasks = [
        made.task(training_id, text, known_solutions=made.known("dog"), message_on_unknown_solution="It barks")
        for text in ("one", "two")
    ]
    world.plain.create_tasks(tasks, allow_defaults=True, async_mode=False)


@scenario
def trainings(world: World) -> None:
    """Trainings are created, read, edited, found, cloned, opened, closed and archived, also without waiting"""
    client = world.client
    project = world.plain.create_project(made.project())
    sent = made.training(project.id)
    created = client.create_training(sent)
    for name in ("private_name", "training_tasks_in_task_suite_count", "retry_training_after_days", "metadata"):
        same(getattr(created, name), getattr(sent, name))
    same(client.get_training(created.id), created)
    edited = copy.deepcopy(created)
    edited.private_name = "second"
    same(client.update_training(created.id, edited), edited)
    _training_tasks(world, created.id)
    operation = client.open_training_async(created.id)
    same(type(operation), operations.TrainingOpenOperation)
    same(client.wait_operation(operation).parameters.training_id, created.id)
    operation = client.close_training_async(created.id)
    same(type(operation), operations.TrainingCloseOperation)
    client.wait_operation(operation)
    opened = client.open_training(created.id)
    assert opened.is_open()
    every_parameter(world, "trainings", opened, status=toloka.Training.Status.OPEN, project_id=project.id)
    assert client.close_training(created.id).is_closed()
    clone = client.clone_training(created.id)
    same(clone.private_name, "second")
    operation = client.clone_training_async(created.id)
    same(type(operation), operations.TrainingCloneOperation)
    second = client.get_training(client.wait_operation(operation).details.training_id)
    same(client.find_trainings(project_id=project.id, sort=["-id"], limit=1).items, [second])
    same([found.id for found in client.get_trainings(project_id=project.id)], [created.id, clone.id, second.id])
    operation = client.archive_training_async(created.id)
    same(type(operation), operations.TrainingArchiveOperation)
    client.wait_operation(operation)
    assert client.archive_training(clone.id).is_archived()


@scenario
def skills(world: World) -> None:
    """Skills are created, read, edited and found"""
    client = world.client
    options: dict[str, Any] = {
        "name": "animals",
        "public_name": {"EN": "Animals"},
        "public_requester_description": {"EN": "How well"},
        "private_comment": "scenario",
        "hidden": False,
        "skill_ttl_hours": 24,
    }
    created = client.create_skill(**options)
    assert {name: getattr(created, name) for name in options} == options
    same(client.create_skill(toloka.Skill(name="plants")).hidden, True)
    same(client.get_skill(created.id), created)
    edited = copy.deepcopy(created)
    edited.private_comment, edited.hidden = "edited", True
    same(client.update_skill(created.id, edited), edited)
    same(client.get_skills(name="animals", id_gte=created.id, batch_size=1), [edited])
    same(client.find_skills(name="animals", id_gte=created.id).items, [edited])
    every_parameter(world, "skills", edited, name="animals")
