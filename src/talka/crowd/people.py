"""Who a crowd consists of: logins of simulated workers and replayed people, and their passwords."""

from __future__ import annotations

import hashlib
import re

_SALT = "talka crowd"
_PLAIN = re.compile(r"[a-z0-9._@-]{1,50}")


def simulated_login(seed: int, number: int) -> str:
    """The login of the simulated worker `number` (from 1) of the crowd `seed`."""
    return f"crowd-{seed}-{number}"


def person_login(person: str) -> str:
    """The login of a person of a file of labels: the same name is the same worker, whatever the file.

    Logins know no upper case and few characters, so any other name goes by its digest.
    """
    if _PLAIN.fullmatch(person):
        return f"replay-{person}"
    return f"replay.{hashlib.sha256(person.encode()).hexdigest()[:32]}"


def password_of(login: str) -> str:
    """The password of a worker of the crowd, found again from the login: they guard play work, no secrets."""
    return hashlib.sha256(f"{_SALT}/{login.lower()}".encode()).hexdigest()[:32]
