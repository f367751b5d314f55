"""Which system user the database server runs as, and what that user can reach.

PostgreSQL refuses to run as root. Everybody else runs it as themselves; root runs it as the owner of the data
if there are any, else as `talka-postgres`, which is created when the system has `useradd`. Where it has not, an
unprivileged user that is already there is used: `postgres`, else `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from talka.infra.embedded.errors import EmbeddedPostgresError

SYSTEM_USER = "talka-postgres"
_SUBSTITUTES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this system; `switch` says whether processes must be started as it on purpose."""

    name: str
    uid: int
    gid: int
    switch: bool

    def own(self, path: Path | int) -> None:
        """Give a file or folder that we made to this user."""
        if not self.switch:
            return
        if isinstance(path, int):
            os.fchown(path, self.uid, self.gid)
        else:
            os.lchown(path, self.uid, self.gid)

    def can(self, wish: str, path: Path) -> bool:
        """Say whether this user may `x` (search, execute), `r` or `w` the path, parent folders included."""
        if not self.switch:
            return os.access(path, {"x": os.X_OK, "r": os.R_OK, "w": os.W_OK}[wish])
        # The system's own shell asks as that user: permission bits alone know nothing of ACLs or mounts.
        question = ["/bin/sh", "-c", f'test -{wish} "$1"', "sh", str(path)]
        asked = subprocess.run(
            question, user=self.uid, group=self.gid, extra_groups=[], cwd="/", check=False, capture_output=True
        )
        return asked.returncode == 0


def account_for(data: Path) -> Account:
    """The user that runs the server of this data folder, which need not exist yet."""
    uid = os.geteuid()
    if uid != 0:
        return _account(_named(uid), switch=False)
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return _account(_named(owner), switch=True)
    return _account(_system_user(), switch=True)


def _system_user() -> pwd.struct_passwd:
    found = _look_up(SYSTEM_USER) or _create() or next(filter(None, map(_look_up, _SUBSTITUTES)), None)
    if found is None or found.pw_uid == 0:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root and this system has no user for it: create one named {SYSTEM_USER}, "
            "or run Talka as an ordinary user."
        )
    return found


def _create() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if useradd is None:
        return None
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run([useradd, *options, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=False, capture_output=True)
    # Not its exit code but the result counts: another start may have created the user just now.
    return _look_up(SYSTEM_USER)


def _look_up(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _named(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedPostgresError(
            f"User id {uid} has no name on this system, which PostgreSQL needs: add it to /etc/passwd, or run "
            "Talka as a user that has one."
        ) from None


def _account(entry: pwd.struct_passwd, *, switch: bool) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, switch=switch)
