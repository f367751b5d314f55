"""A pool and a project with everything set that the client has a class for, stored and read back equal."""

from __future__ import annotations

import uuid
from typing import Any

import toloka.client as toloka
from toloka.client.pool.dynamic_overlap_config import DynamicOverlapConfig
from toloka.client.pool.dynamic_pricing_config import DynamicPricingConfig
from toloka.client.pool.mixer_config import MixerConfig
from toloka.client.pool.speed_quality_balance_config import BestConcurrentUsersByQuality, TopPercentageByQuality
from toloka.client.quality_control import QualityControl
from toloka.client.task_distribution_function import TaskDistributionFunction

from . import made
from .journal import World, same, scenario


def _distribution(frequency: int) -> TaskDistributionFunction:
    interval = TaskDistributionFunction.Interval
    return TaskDistributionFunction(
        scope="PROJECT",
        distribution="UNIFORM",
        window_days=7,
        intervals=[interval(to=100, frequency=frequency), interval(from_=101, frequency=25)],
    )


def _checkpoints() -> Any:
    settings = QualityControl.CheckpointsConfig.Settings
    return QualityControl.CheckpointsConfig(
        real_settings=settings(target_overlap=5, task_distribution_function=_distribution(5)),
        golden_settings=settings(target_overlap=4, task_distribution_function=_distribution(6)),
        training_settings=settings(target_overlap=3, task_distribution_function=_distribution(7)),
    )


@scenario
def a_whole_pool(world: World) -> None:
    """A pool with every setting is stored and read back equal"""
    plain = world.plain
    project = plain.create_project(made.project())
    skill = plain.create_skill(name=f"whole {uuid.uuid4().hex}").id
    training = plain.create_training(made.training(project.id))
    sent = made.pool(project.id, public_description="In this pool", public_instructions="<p>Look twice.</p>")
    sent.private_comment, sent.priority = "whole", 33
    sent.auto_accept_solutions, sent.auto_accept_period_day = False, 9
    sent.auto_close_after_complete_delay_seconds = 60
    sent.dynamic_pricing_config = DynamicPricingConfig(
        type="SKILL",
        skill_id=skill,
        intervals=[DynamicPricingConfig.Interval(from_=50, to=79, reward_per_assignment=0.06)],
    )
    sent.dynamic_overlap_config = DynamicOverlapConfig(
        type="BASIC", max_overlap=5, min_confidence=0.95, answer_weight_skill_id=skill,
        fields=[DynamicOverlapConfig.Field("label")],
    )  # fmt: skip
    sent.mixer_config = MixerConfig(
        real_tasks_count=9, golden_tasks_count=0, training_tasks_count=0, min_real_tasks_count=4,
        force_last_assignment=True, force_last_assignment_delay_seconds=10, mix_tasks_in_creation_order=True,
        shuffle_tasks_in_task_suite=False, golden_task_distribution_function=_distribution(3),
        training_task_distribution_function=_distribution(4),
    )  # fmt: skip
    sent.quality_control = QualityControl(
        configs=[],
        checkpoints_config=_checkpoints(),
        training_requirement=QualityControl.TrainingRequirement(
            training_pool_id=training.id, training_passing_skill_value=80
        ),
    )
    sent.training_config = toloka.Pool.TrainingConfig(training_skill_ttl_days=5)
    for balance in (TopPercentageByQuality(percent=80), BestConcurrentUsersByQuality(count=20)):
        sent.speed_quality_balance = balance
        read = plain.get_pool(plain.create_pool(sent).id).unstructure()
        body = sent.unstructure()
        same({name: read[name] for name in body}, body)
        world.journal.note(f"pool.{type(balance).__name__}")
    for name in ("DynamicOverlapConfig", "DynamicPricingConfig", "MixerConfig", "TaskDistributionFunction"):
        world.journal.note(f"pool.{name}")


@scenario
def a_whole_project(world: World) -> None:
    """A project of a map, in several languages, is stored and read back equal"""
    sent = made.project(max_active_assignments_count=3, assignments_automerge_enabled=True)
    sent.assignments_issuing_type = toloka.Project.AssignmentsIssuingType.MAP_SELECTOR
    sent.assignments_issuing_view_config = toloka.Project.AssignmentsIssuingViewConfig(
        title_template="{{inputParams['text']}}", description_template="Go there", map_provider="GOOGLE"
    )
    sent.set_default_language("EN")
    for language, name in (("FR", "Animaux"), ("PT", "Animais")):
        sent.add_requester_translation(language, public_name=name, public_instructions=f"<p>{name}</p>")
    read = world.plain.get_project(world.plain.create_project(sent).id).unstructure()
    body = sent.unstructure()
    same({name: read[name] for name in body}, body)
    for name in ("AdditionalLanguage", "LocalizationConfig", "TaskSpec"):
        world.journal.note(f"project.{name}")
