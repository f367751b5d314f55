"""Literals: numbers in strings count as numbers, booleans never do."""

from __future__ import annotations

from typing import Any

import pytest

from talka.kit import literals

CASES: list[tuple[literals.LiteralCheck, Any, str | None]] = [
    (literals.boolean, True, None),
    (literals.boolean, 1, "BOOLEAN_EXPECTED"),
    (literals.number, 1.5, None),
    (literals.number, "1.5", None),
    (literals.number, True, "FLOAT_EXPECTED"),
    (literals.number, "x", "FLOAT_EXPECTED"),
    (literals.number, "nan", "FLOAT_EXPECTED"),
    (literals.number, 2**63, "VALUE_OUT_OF_BOUNDS"),
    (literals.number, 10**400, "FLOAT_EXPECTED"),
    (literals.number, [], "FLOAT_EXPECTED"),
    (literals.integer, 3.0, None),
    (literals.integer, "3", None),
    (literals.integer, 3.5, "INTEGER_EXPECTED"),
    (literals.integer, None, "INTEGER_EXPECTED"),
    (literals.at_least(0), 0, None),
    (literals.at_least(0), -1, "VALUE_OUT_OF_BOUNDS"),
    (literals.percentage, "75.512", None),
    (literals.percentage, 100.1, "VALUE_OUT_OF_BOUNDS"),
    (literals.one_of("A", "B"), "B", None),
    (literals.one_of("A", "B"), "C", "UNKNOWN_ENUM_VALUE"),
    (literals.one_of("A", "B"), 1, "STRING_EXPECTED"),
]


@pytest.mark.parametrize(("check", "value", "code"), CASES)
def test_literals(check: literals.LiteralCheck, value: Any, code: str | None) -> None:
    found = check(value)
    assert (found.code if found else None) == code
