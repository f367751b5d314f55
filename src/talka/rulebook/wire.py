"""The `quality_control` object: configs of a collector and its rules, and the training that a pool asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from talka.kit.documents import Document, Id, within
from talka.kit.errors import FieldError, FieldErrors
from talka.kit.references import Reference
from talka.kit.wire import Integer
from talka.rulebook.actions import Action
from talka.rulebook.collectors import COLLECTORS, Collector
from talka.rulebook.conditions import CONDITION_KEYS, RATE_ALIASES, Condition


class Rule(Document):
    """When all conditions hold, the action is done."""

    conditions: Annotated[list[Condition], Field(min_length=1)]
    action: Action


def _items(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield index, item


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class Config(Document):
    """A collector and the rules that read its counters."""

    collector_config: Collector
    rules: Annotated[list[Rule], Field(min_length=1)]

    @classmethod
    def cross_check(cls, raw: Mapping[str, Any]) -> FieldErrors:
        """Rules read nothing but what their collector counts."""
        collector = COLLECTORS.get(_object(raw.get("collector_config")).get("type"))
        if collector is None:
            return {}
        error = FieldError(
            "VALUE_NOT_ALLOWED", "The collector does not count this", tuple(sorted(collector.conditions))
        )
        errors: FieldErrors = {}
        for index, rule in _items(raw.get("rules")):
            for place, condition in _items(rule.get("conditions")):
                key = condition.get("key")
                if CONDITION_KEYS.get(key) is not None and key not in collector.conditions:
                    errors[f"rules.{index}.conditions.{place}.key"] = error
            field = _object(_object(rule.get("action")).get("parameters")).get("from_field")
            rate = RATE_ALIASES.get(field, field) if isinstance(field, str) else None
            if CONDITION_KEYS.get(rate) is not None and rate not in collector.conditions:
                errors[f"rules.{index}.action.parameters.from_field"] = error
        return errors

    def references(self, path: str) -> list[Reference]:
        """The collector, and each skill that a rule reads or writes."""
        uuid = self.collector_config.uuid
        found = [Reference("collector", f"{path}.collector_config.uuid", uuid)] if uuid is not None else []
        for number, rule in enumerate(self.rules):
            for place, condition in enumerate(rule.conditions):
                if condition.key == "skill_id":
                    where = f"{path}.rules.{number}.conditions.{place}.value"
                    found.append(Reference("skill", where, str(condition.value)))
            for below, skill_id in rule.action.skills():
                found.append(Reference("skill", f"{path}.rules.{number}.action.{below}", skill_id))
        return found


class TrainingRequirement(Document):
    """Which training, passed how well, opens the pool."""

    training_pool_id: Id
    training_passing_skill_value: Annotated[Integer, within(0, 100)]


class QualityControl(Document):
    """Quality control of a project; pools add to it."""

    training_requirement: TrainingRequirement | None = None
    configs: list[Config] = Field(default_factory=list)

    def references(self, path: str) -> list[Reference]:
        """The training, the skills and the collectors named here; `path` is where this object stands."""
        found: list[Reference] = []
        if self.training_requirement is not None:
            place = f"{path}.training_requirement.training_pool_id"
            found.append(Reference("training", place, self.training_requirement.training_pool_id))
        for index, config in enumerate(self.configs):
            found += config.references(f"{path}.configs.{index}")
        return found

    def with_uuids(self, make: Callable[[], UUID]) -> Self:
        """The same with a new uuid for each collector that has none."""
        configs = [
            config
            if config.collector_config.uuid is not None
            else config.model_copy(
                update={"collector_config": config.collector_config.model_copy(update={"uuid": str(make())})}
            )
            for config in self.configs
        ]
        return self.model_copy(update={"configs": configs}) if self.configs else self
