"""The SQL form of filters against the pure one: random trees over random workers, and every case of that one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from tests.selection.test_matching import ADA, CASES, NOBODY
from tests.selection.test_matching import condition as leaf

from talka.selection.criteria import COMPUTED, PROFILE
from talka.selection.matching import Candidate, matches
from talka.selection.store import condition
from talka.selection.tree import filter_errors
from talka.selection.values import COMPARABLE, IDENTITY, INCLUSION

PEOPLE = 80
SKILLS = (5, 224)
WORDS = {
    "gender": ["MALE", "FEMALE", "OTHER"], "country": ["PT", "FR"], "citizenship": ["PT", "BR"],
    "education": ["BASIC", "MIDDLE", "HIGH"], "client_type": ["BROWSER", "TOLOKA_APP", "UNKNOWN"],
    "device_category": ["SMARTPHONE", "UNKNOWN"], "os_family": ["ANDROID", "IOS"],
    "user_agent_type": ["MOBIL_BROWSER", "MOBILE_BROWSER", "BROWSER"], "user_agent_family": ["CHROME", "UNKNOWN"],
}  # fmt: skip
REGIONS = [1, 213, 225, 87, 84, 7]
VERSIONS = [14, 14.4, "14.10", 0.5, "3", 100]
PARTS = [0, 1, 4, "14", 5]
BORN = [641_520_000, "641520000", 0, -86_400]
Row = dict[str, Any]


def somebody(dice: random.Random) -> Candidate:
    """A worker of whom this and that is known."""
    profile: Row = {
        "gender": dice.choice(WORDS["gender"]), "country": dice.choice(WORDS["country"]),
        "citizenship": dice.choice(WORDS["citizenship"]), "education": dice.choice(WORDS["education"]),
        "adult_allowed": dice.choice([True, False]), "city": dice.choice(REGIONS),
        "date_of_birth": dice.choice(["1990-05-01", "1970-01-01", "1969-12-31"]),
        "languages": dice.sample(["EN", "PT", "ZH-HANS"], dice.randrange(4)),
    }  # fmt: skip
    computed: Row = {
        name: dice.choice(WORDS[name])
        for name in ("client_type", "device_category", "os_family", "user_agent_type", "user_agent_family")
    }
    computed |= {name: dice.choice(REGIONS) for name in ("region_by_ip", "region_by_phone")}
    computed |= {name: dice.choice([14, 14.4, 14.1, 0.5, 3.0, 100]) for name in ("os_version", "user_agent_version")}
    computed |= {"os_version_bugfix": dice.choice([0, 4]), "os_version_major": dice.choice([14, 5])}
    for known in (profile, computed):
        for name in list(known):
            if dice.random() < 0.3:
                known[name] = None
            elif dice.random() < 0.3:
                del known[name]
    values = {skill: Decimal(dice.choice(["0", "50", "49.5", "100"])) for skill in SKILLS if dice.random() < 0.6}
    return Candidate(profile, computed, values)


def _value(key: str) -> st.SearchStrategy[Any]:
    if key in WORDS:
        return st.sampled_from(WORDS[key])
    if key in ("adult_allowed", "verified"):
        return st.booleans()
    if key == "languages":
        codes = st.sampled_from(["EN", "PT", "ZH-HANS", "DE"])
        return st.one_of(codes, st.lists(codes, max_size=3))
    if key in ("city", "region_by_ip", "region_by_phone"):
        return st.sampled_from([*REGIONS, "225", "1e30"])
    if key == "date_of_birth":
        return st.sampled_from(BORN)
    return st.sampled_from(VERSIONS if key.endswith("_version") else PARTS)


def _leaves(category: str, key: str) -> st.SearchStrategy[Any]:
    criterion = (PROFILE if category == "profile" else COMPUTED).get(key)
    assert criterion is not None
    verbs = st.sampled_from(criterion.operators)
    values = st.one_of(_value(key), st.none()) if criterion.nullable else _value(key)
    return st.builds(leaf, st.just(category), st.just(key), verbs, values)


_skill_values = st.one_of(st.none(), st.sampled_from([0, 49.5, "50", 100]))
_skills = st.builds(
    leaf, st.just("skill"), st.sampled_from(["5", 224, "7", "x"]), st.sampled_from(COMPARABLE), _skill_values
)
LEAVES = st.one_of(
    _skills,
    *(_leaves("profile", name) for name in PROFILE.names()),
    *(_leaves("computed", name) for name in COMPUTED.names()),
)
TREES = st.recursive(
    LEAVES,
    lambda below: st.builds(
        lambda word, parts: {word: parts}, st.sampled_from(["and", "or"]), st.lists(below, max_size=4)
    ),
    max_leaves=6,
)


@pytest.fixture
def people(database_url: str) -> Iterator[tuple[psycopg.Connection[Any], dict[int, Candidate]]]:
    """Workers in the database, and what is known of them."""
    dice = random.Random(7)
    known = [ADA, NOBODY, *(somebody(dice) for _ in range(PEOPLE))]
    with psycopg.connect(database_url, options="-c timezone=UTC") as connection:
        found = {}
        for number, one in enumerate(known):
            row = connection.execute(
                "insert into worker (user_id, login, password_hash, profile, computed, created)"
                " values (gen_random_uuid(), %s, '', %s, %s, '2026-01-01') returning id",
                (f"w{number}", json.dumps(dict(one.profile)), json.dumps(dict(one.computed))),
            ).fetchone()
            assert row is not None
            found[row[0]] = one
            for skill, value in one.skills.items():
                connection.execute(
                    "insert into user_skill (skill_id, worker_id, value, created, modified)"
                    " values (%s, %s, %s, '2026-01-01', '2026-01-01')",
                    (skill, row[0], value),
                )
        yield connection, found


def _chosen(connection: psycopg.Connection[Any], tree: Row) -> set[int]:
    found = condition(tree)
    query = sql.SQL("select w.id from worker w where {}").format(found.text)
    return {row[0] for row in connection.execute(query, found.values)}


def test_both_forms_choose_the_same_workers(people: tuple[psycopg.Connection[Any], dict[int, Candidate]]) -> None:
    connection, known = people

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(TREES)
    def same(tree: Row) -> None:
        assert filter_errors(tree) == {}
        assert _chosen(connection, tree) == {number for number, one in known.items() if matches(tree, one)}

    same()


def test_each_case_of_the_pure_form(people: tuple[psycopg.Connection[Any], dict[int, Candidate]]) -> None:
    connection, known = people
    ada, nobody = list(known)[:2]
    for category, key, operator, value, is_hers, is_nobodys in CASES:
        found = _chosen(connection, leaf(category, key, operator, value))
        assert (ada in found, nobody in found) == (is_hers, is_nobodys), (category, key, operator, value)
    assert {operator for _, _, operator, *_ in CASES} == {*IDENTITY, *COMPARABLE, *INCLUSION}
