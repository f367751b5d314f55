"""Logins and passwords of a crowd: valid, stable, and different for different people."""

from __future__ import annotations

import re

import pytest

from talka.crowd.people import password_of, person_login, simulated_login

VALID_LOGIN = re.compile(r"[A-Za-z0-9._@-]{3,64}")
PEOPLE = ["0", "163", "ann", "Ann", "ANN", "ann b", "Анна", "a" * 50, "a" * 51, "x" * 500, "a.b@c-d_e", ""]


def test_every_person_has_a_valid_login_of_their_own() -> None:
    logins = [person_login(person) for person in PEOPLE]
    assert [login for login in logins if not VALID_LOGIN.fullmatch(login)] == []
    assert len({login.lower() for login in logins}) == len(PEOPLE)
    assert person_login("17") == "replay-17"


@pytest.mark.parametrize("login", ["crowd-1-1", "replay-0"])
def test_a_password_is_long_enough_and_found_again(login: str) -> None:
    assert len(password_of(login)) == 32
    assert password_of(login) == password_of(login.upper())
    assert password_of(login) != password_of(login + "0")


def test_simulated_logins_name_seed_and_number() -> None:
    assert simulated_login(7, 20) == "crowd-7-20"
