"""Quality control, filters and fields: each class of the client, stored and read back equal."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator
from typing import Any

import toloka.client as toloka
from toloka.client import actions, collectors, conditions
from toloka.client import filter as filters
from toloka.client.conditions import RuleConditionKey
from toloka.client.project import TaskSpec, field_spec
from toloka.client.quality_control import QualityControl

from . import made, surface
from .journal import World, named_scenario, same, scenario

VALUES = {
    RuleConditionKey.ASSESSMENT_EVENT: "ACCEPT_AFTER_REJECT",
    RuleConditionKey.NEXT_ASSIGNMENT_AVAILABLE: False,
    RuleConditionKey.POOL_ACCESS_REVOKED_REASON: "SKILL_CHANGE",
}
PARAMETERS = {
    "AcceptanceRate": {"history_size": 10},
    "AssignmentSubmitTime": {"fast_submit_threshold_seconds": 20, "history_size": 5},
    "Captcha": {"history_size": 10},
    "GoldenSet": {"history_size": 8},
    "MajorityVote": {"answer_threshold": 2, "history_size": 10},
}
CLASSES = {kind.__name__: kind for kind in surface.concrete("client.conditions")}
BY_KEY = {kind.key: kind for kind in CLASSES.values()}


def each(names: Iterator[tuple[str, Any]], run: Any, said: str) -> None:
    """A scenario for each named thing."""
    for name, thing in names:
        named_scenario(name.rpartition(".")[2], said, functools.partial(run, name, thing))


def _pool(world: World, configs: Any, **changes: Any) -> toloka.Pool:
    """A pool of a new project with these rules, as it is read back."""
    pool = made.pool(world.plain.create_project(made.project()).id, **changes)
    pool.quality_control = QualityControl(configs=configs)
    return world.plain.get_pool(world.plain.create_pool(pool).id)


def _config(collector: Any, holds: list[Any], action: Any) -> Any:
    rule = QualityControl.QualityControlConfig.RuleConfig(action=action, conditions=holds)
    return QualityControl.QualityControlConfig(collector_config=collector, rules=[rule])


def _conditions(world: World, collector: Any) -> list[Any]:
    """Every condition that the collector goes with, with a value that fits."""
    found = []
    for key in sorted(collector._compatible_conditions, key=lambda key: key.value):
        value = VALUES.get(key, 50)
        if key is RuleConditionKey.SKILL_ID:
            value = world.plain.create_skill(name=f"rules {uuid.uuid4().hex}").id
        found.append(BY_KEY[key] == value if isinstance(value, (str, bool)) else BY_KEY[key] >= value)
    return found


def _collector(name: str, kind: Any, world: World) -> None:
    collector = kind(uuid=uuid.uuid4(), **PARAMETERS.get(kind.__name__, {}))
    holds = _conditions(world, collector)
    action = actions.RestrictionV2(scope="PROJECT", duration=2, duration_unit="DAYS", private_comment="rule")
    [read] = _pool(world, [_config(collector, holds, action)]).quality_control.configs
    same(type(read.collector_config), kind)
    same(read, _config(collector, holds, action))
    for condition in read.rules[0].conditions:
        world.journal.note(f"conditions.{type(condition).__name__}")
    world.journal.note(name)


def _action(name: str, make: Any, world: World) -> None:
    action, collector, condition, changes = make(world)
    [config] = _pool(world, [_config(collector, [condition], action)], **changes).quality_control.configs
    same(config.rules[0].action, action)
    world.journal.note(name)


def _skill(world: World) -> str:
    return str(world.plain.create_skill(name=f"rules {uuid.uuid4().hex}").id)


REVIEW = {"auto_accept_solutions": False, "auto_accept_period_day": 7}
RIGHT = conditions.CorrectAnswersRate > 80
ACTIONS = {
    "actions.Restriction": lambda world: (
        actions.Restriction(scope="POOL", duration_days=1, private_comment="rule"), collectors.GoldenSet(), RIGHT, {},
    ),
    "actions.RestrictionV2": lambda world: (
        actions.RestrictionV2(scope="POOL", duration=1, duration_unit="HOURS", private_comment="rule"),
        collectors.GoldenSet(), RIGHT, {},
    ),
    "actions.SetSkill": lambda world: (
        actions.SetSkill(skill_id=_skill(world), skill_value=7), collectors.AnswerCount(),
        conditions.AssignmentsAcceptedCount > 3, {},
    ),
    "actions.SetSkillFromOutputField": lambda world: (
        actions.SetSkillFromOutputField(skill_id=_skill(world), from_field="correct_answers_rate"),
        collectors.GoldenSet(), conditions.TotalAnswersCount > 3, {},
    ),
    "actions.ChangeOverlap": lambda world: (
        actions.ChangeOverlap(delta=1, open_pool=True), collectors.AssignmentsAssessment(),
        conditions.AssessmentEvent == "REJECT", REVIEW,
    ),
    "actions.ApproveAllAssignments": lambda world: (
        actions.ApproveAllAssignments(), collectors.GoldenSet(), RIGHT, REVIEW,
    ),
    "actions.RejectAllAssignments": lambda world: (
        actions.RejectAllAssignments(public_comment="rule"), collectors.GoldenSet(), RIGHT, REVIEW,
    ),
}  # fmt: skip

FILTERS = [
    filters.AdultAllowed == True,  # noqa: E712 - the client's own way to write a condition
    filters.Citizenship != "BY",
    filters.City.in_(225),
    filters.ClientType == filters.ClientType.ClientType.TOLOKA_APP,
    filters.Country == "PT",
    filters.DateOfBirth >= 604972800,
    filters.DeviceCategory == filters.DeviceCategory.SMARTPHONE,
    filters.Education == filters.Education.HIGH,
    filters.Gender == filters.Gender.FEMALE,
    filters.Languages.in_("EN"),
    filters.OSFamily != filters.OSFamily.WINDOWS,
    filters.OSVersion >= 10.4,
    filters.OSVersionBugfix < 5,
    filters.OSVersionMajor > 7,
    filters.OSVersionMinor <= 3,
    filters.RegionByIp.not_in(225),
    filters.RegionByPhone.in_(225),
    filters.Skill("224") >= 85,
    filters.UserAgentFamily == filters.UserAgentFamily.FIREFOX,
    filters.UserAgentType == filters.UserAgentType.MOBILE_BROWSER,
    filters.UserAgentVersion > 14.5,
    filters.UserAgentVersionBugfix == 1,
    filters.UserAgentVersionMajor != 5,
    filters.UserAgentVersionMinor >= 2,
    filters.Verified == True,  # noqa: E712
]


def _filter(name: str, condition: Any, world: World) -> None:
    read = _pool(world, [], filter=condition).filter
    same(read, filters.FilterAnd([filters.FilterOr([condition])]))
    same(type(read.and_[0].or_[0]), type(condition))
    world.journal.note(name)


@scenario
def filters_together(world: World) -> None:
    """Filters joined with and, or and not are stored and read back equal"""
    sent = (
        filters.Languages.in_("EN")
        & ((filters.Country == "PT") | (filters.Country == "ES"))
        & (filters.Skill("224") > 50)
    )
    read = _pool(world, [], filter=sent).filter
    same(read, sent if all(isinstance(part, filters.FilterOr) for part in sent.and_) else _wrapped(sent))
    opposite = ~sent.and_[1]
    same(_pool(world, [], filter=opposite).filter.unstructure(), _wrapped(opposite).unstructure())
    world.journal.note("filter.FilterAnd")
    world.journal.note("filter.FilterOr")


def _wrapped(tree: Any) -> Any:
    """The tree as two levels, as the client sends it."""
    parts = tree.and_ if isinstance(tree, filters.FilterAnd) else [tree]
    return filters.FilterAnd(
        [part if isinstance(part, filters.FilterOr) else filters.FilterOr([part]) for part in parts]
    )


SPECS: dict[str, dict[str, Any]] = {
    "BooleanSpec": {"allowed_values": [True]},
    "StringSpec": {"min_length": 1, "max_length": 9, "allowed_values": ["one", "two"]},
    "IntegerSpec": {"min_value": -3, "max_value": 9, "allowed_values": [1, 2]},
    "FloatSpec": {"min_value": -0.5, "max_value": 2.25},
    "CoordinatesSpec": {"current_location": True},
}


def _field(name: str, kind: Any, world: World) -> None:
    plain = kind.__name__.removeprefix("Array")
    sizes = {"min_size": 1, "max_size": 4} if plain != kind.__name__ else {}
    spec = kind(required=False, hidden=False, **SPECS.get(plain, {}), **sizes)
    outputs = {"made": spec, "label": field_spec.StringSpec(required=True, hidden=False)}
    inputs = {"text": field_spec.StringSpec(required=True, hidden=True)}
    sent = TaskSpec(input_spec=inputs, output_spec=outputs, view_spec=made.project().task_spec.view_spec)
    read = world.plain.get_project(world.plain.create_project(made.project(task_spec=sent)).id).task_spec
    same((read.input_spec, read.output_spec), (inputs, outputs))
    same(type(read.output_spec["made"]), kind)
    world.journal.note(name)


STORED = "Stored and read back equal"
each(((f"collectors.{kind.__name__}", kind) for kind in surface.concrete("client.collectors")), _collector,
     "A rule with every condition that goes with the collector is stored and read back equal")  # fmt: skip
each(iter(ACTIONS.items()), _action, "A rule with the action is stored and read back equal")
each(((f"filter.{type(condition).__name__}", condition) for condition in FILTERS), _filter, STORED)
each(((f"field_spec.{kind.__name__}", kind) for kind in surface.concrete("client.project.field_spec")), _field, STORED)
