"""Who passes a filter: every key and operator, missing values, trees, the examples of the specification."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from talka.selection.criteria import COMPUTED, PROFILE
from talka.selection.matching import Candidate, matches
from talka.selection.tree import filter_errors

MISSING = object()
ADA = Candidate(
    profile={
        "gender": "FEMALE", "country": "PT", "citizenship": "BR", "education": "HIGH", "adult_allowed": True,
        "date_of_birth": "1990-05-01", "city": 213, "languages": ["EN", "PT"],
    },
    computed={
        "client_type": "BROWSER", "region_by_phone": 225, "region_by_ip": 87, "device_category": "SMARTPHONE",
        "os_family": "ANDROID", "os_version": 14.4, "os_version_bugfix": 2, "user_agent_type": "MOBILE_BROWSER",
        "user_agent_family": "CHROME", "user_agent_version": 100,
    },
    skills={224: Decimal("90.5"), 5: Decimal(0)},
)  # fmt: skip
NOBODY = Candidate()
BORN = 641_520_000


def condition(category: str, key: Any, operator: str, value: Any = MISSING) -> dict[str, Any]:
    parts = {"category": category, "key": key, "operator": operator, "value": value}
    return {name: part for name, part in parts.items() if part is not MISSING}


# Conditions with what they say of Ada and of somebody of whom nothing is known.
CASES: list[tuple[str, Any, str, Any, bool, bool]] = [
    ("profile", "gender", "EQ", "FEMALE", True, False),
    ("profile", "gender", "EQ", "MALE", False, False),
    ("profile", "gender", "NE", "MALE", True, True),
    ("profile", "gender", "NE", "FEMALE", False, True),
    ("profile", "country", "EQ", "PT", True, False),
    ("profile", "country", "NE", "PT", False, True),
    ("profile", "citizenship", "EQ", "BR", True, False),
    ("profile", "education", "NE", "BASIC", True, True),
    ("profile", "adult_allowed", "EQ", True, True, False),
    ("profile", "adult_allowed", "EQ", False, False, True),
    ("profile", "adult_allowed", "NE", True, False, True),
    ("profile", "verified", "EQ", True, False, False),
    ("profile", "verified", "EQ", False, True, True),
    ("profile", "date_of_birth", "EQ", BORN, True, False),
    ("profile", "date_of_birth", "NE", BORN, False, True),
    ("profile", "date_of_birth", "LTE", BORN, True, False),
    ("profile", "date_of_birth", "LT", BORN, False, False),
    ("profile", "date_of_birth", "GTE", str(BORN), True, False),
    ("profile", "date_of_birth", "GT", BORN - 1, True, False),
    ("profile", "city", "IN", 213, True, False),
    ("profile", "city", "IN", "225", True, False),
    ("profile", "city", "NOT_IN", 1, False, True),
    ("profile", "city", "NOT_IN", 84, True, True),
    ("profile", "languages", "IN", "PT", True, False),
    ("profile", "languages", "IN", "DE", False, False),
    ("profile", "languages", "IN", ["DE", "EN"], True, False),
    ("profile", "languages", "NOT_IN", ["DE", "EN"], False, True),
    ("profile", "languages", "NOT_IN", ["DE", "FR"], True, True),
    ("computed", "client_type", "EQ", "BROWSER", True, False),
    ("computed", "client_type", "EQ", "UNKNOWN", False, True),
    ("computed", "region_by_phone", "IN", 225, True, False),
    ("computed", "region_by_phone", "IN", 1, False, False),
    ("computed", "region_by_phone", "IN", None, False, True),
    ("computed", "region_by_phone", "NOT_IN", None, True, False),
    ("computed", "region_by_ip", "IN", 84, True, False),
    ("computed", "region_by_ip", "NOT_IN", 84, False, True),
    ("computed", "device_category", "NE", "SMARTPHONE", False, True),
    ("computed", "device_category", "NE", "UNKNOWN", True, False),
    ("computed", "os_family", "EQ", "ANDROID", True, False),
    ("computed", "os_version", "EQ", "14.40", True, False),
    ("computed", "os_version", "GT", 14.39, True, False),
    ("computed", "os_version", "EQ", None, False, True),
    ("computed", "os_version", "NE", None, True, False),
    ("computed", "os_version", "GT", None, False, False),
    ("computed", "os_version_major", "EQ", 14, True, False),
    ("computed", "os_version_minor", "EQ", 4, True, False),
    ("computed", "os_version_bugfix", "EQ", 2, True, False),
    ("computed", "user_agent_type", "EQ", "MOBIL_BROWSER", True, False),
    ("computed", "user_agent_family", "EQ", "CHROME", True, False),
    ("computed", "user_agent_version", "GTE", 100, True, False),
    ("computed", "user_agent_version", "NE", 100, False, True),
    ("computed", "user_agent_version_major", "GTE", 100, True, False),
    ("computed", "user_agent_version_minor", "LTE", 0, True, False),
    ("computed", "user_agent_version_bugfix", "EQ", 0, False, False),
    ("computed", "user_agent_version_bugfix", "EQ", None, True, True),
    ("skill", "224", "EQ", 90.5, True, False),
    ("skill", 224, "GTE", "90.5", True, False),
    ("skill", "224", "GT", 90.5, False, False),
    ("skill", "224", "NE", 70, True, False),
    ("skill", "224", "LT", 90.6, True, False),
    ("skill", "224", "LTE", 90, False, False),
    ("skill", "224", "EQ", None, False, True),
    ("skill", "224", "EQ", MISSING, False, True),
    ("skill", "224", "NE", None, True, False),
    ("skill", "5", "NE", None, True, False),
    ("skill", "5", "NE", 0, False, False),
    ("skill", "7", "EQ", None, True, True),
    ("skill", "7", "GT", None, False, False),
    ("skill", "x", "EQ", None, True, True),
    ("skill", "9" * 40, "GTE", 0, False, False),
]


@pytest.mark.parametrize(("category", "key", "operator", "value", "ada", "nobody"), CASES)
def test_a_condition(category: str, key: Any, operator: str, value: Any, ada: bool, nobody: bool) -> None:
    tree = condition(category, key, operator, value)
    assert filter_errors(tree) == {}
    assert (matches(tree, ADA), matches(tree, NOBODY)) == (ada, nobody)


def test_every_key_and_operator_was_tried() -> None:
    tried = {(category, key) for category, key, *_ in CASES}
    assert {("profile", key) for key in PROFILE.names()} | {("computed", key) for key in COMPUTED.names()} <= tried
    assert {operator for _, _, operator, *_ in CASES} == {"EQ", "NE", "GT", "GTE", "LT", "LTE", "IN", "NOT_IN"}


def test_every_condition_that_has_no_errors_can_be_asked() -> None:
    values = {"profile": PROFILE, "computed": COMPUTED}
    for category, keys in values.items():
        for key, criterion in keys:
            for operator in criterion.operators:
                for value in (None, 1, "1", 14.1, "MALE", "PT", True, ["EN"], "UNKNOWN", " 7 ", "1e3", "1_0"):
                    tree = condition(category, key, operator, value)
                    if not filter_errors(tree):
                        assert isinstance(matches(tree, ADA), bool), tree
                        assert isinstance(matches(tree, NOBODY), bool), tree


def test_trees() -> None:
    yes, no = condition("profile", "country", "EQ", "PT"), condition("profile", "country", "EQ", "US")
    assert matches(None, NOBODY)
    for tree, expected in (
        ({"and": []}, True), ({"or": []}, False), ({"and": [yes]}, True), ({"and": [yes, no]}, False),
        ({"or": [no, yes]}, True), ({"or": [no, no]}, False), ({"and": [{"or": [yes, no]}, {"or": [yes]}]}, True),
        ({"and": [{"or": [no]}, yes]}, False), ({"or": [{"and": [yes, no]}, {"and": [yes]}]}, True),
        ({"or": None, "and": [no]}, False), ({"or": [yes], "and": [no]}, True),
    ):  # fmt: skip
        assert matches(tree, ADA) is expected, tree


def test_ranges_and_absence_of_a_skill() -> None:
    workers = [Candidate(skills={224: Decimal(90)}), Candidate(skills={224: Decimal(70)}), Candidate()]

    def passing(tree: dict[str, Any]) -> list[int]:
        return [number for number, worker in enumerate(workers, 1) if matches(tree, worker)]

    def skill(operator: str, value: Any) -> dict[str, Any]:
        return condition("skill", "224", operator, value)

    assert passing(skill("GTE", 85)) == [1]
    assert passing(skill("EQ", None)) == [3]
    assert passing(skill("NE", None)) == [1, 2]
    assert passing({"or": [skill("GTE", 70), skill("EQ", None)]}) == [1, 2, 3]
    assert passing({"and": [skill("LT", 80), skill("GTE", 40)]}) == [2]
