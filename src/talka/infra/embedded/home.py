"""Where the files of one embedded database lie: data, log and locks in the data folder, the socket elsewhere.

Where the server's user cannot reach the folder, the data lie under `/var/lib/talka` and a pointer in the folder
names them. Nobody's permissions are widened for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from talka.infra.embedded.account import Account
from talka.infra.embedded.errors import EmbeddedPostgresError
from talka.infra.embedded.settings import PORT

SHELF = Path("/var/lib/talka")
# A socket's path may have 107 bytes on Linux and 103 elsewhere.
_SOCKET_PATH_LIMIT = 103
_OPENING = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True)
class Home:
    """The places of the database of one data folder (an absolute path)."""

    directory: Path

    @property
    def log(self) -> Path:
        """What the server says; the part before it is kept beside it as `.1` when it grows long."""
        return self.directory / "postgres.log"

    @property
    def pointer(self) -> Path:
        """Names the place of the data where that is not here."""
        return self.directory / "postgres.location"

    @property
    def data(self) -> Path:
        """The server's data; not there before the first start."""
        if not self.pointer.exists():
            return (self.directory / "postgres").resolve()
        return Path(self.pointer.read_text(encoding="utf-8").strip()) / "postgres"

    def settle(self, account: Account) -> Path:
        """Decide where the data are, so that `account` can use them; returns the data folder."""
        if self.pointer.exists():
            self._claim(self.data.parent)
        elif not account.can("x", self.directory):
            if self.data.exists():
                raise EmbeddedPostgresError(
                    f"The system user {account.name}, who owns {self.data}, can no longer reach it: move "
                    f"{self.directory} back to a place that is open to that user."
                )
            self._point_to(SHELF / "data" / secrets.token_hex(8), account)
        return self.data

    def remove(self) -> None:
        """Delete the data, the log and the pointer; the folder itself and everything else in it stay."""
        elsewhere = self.data.parent if self.pointer.exists() else None
        shutil.rmtree(elsewhere or self.data, ignore_errors=True)
        for path in (self.pointer, self.log, self.log.with_name(self.log.name + ".1")):
            path.unlink(missing_ok=True)

    def _point_to(self, place: Path, account: Account) -> None:
        make_open(place)
        if not account.can("x", place):
            raise EmbeddedPostgresError(
                f"Neither {self.directory} nor {SHELF} can be reached by the system user {account.name}: open one of "
                "them to it, or run Talka as an ordinary user."
            )
        _write(place / "owner", str(self.directory))
        _write(self.pointer, str(place))

    def _claim(self, place: Path) -> None:
        """See that data kept elsewhere are ours: a moved folder keeps them, a copied one does not get them too."""
        if not place.is_dir():
            raise EmbeddedPostgresError(
                f"{self.pointer} names {place}, which is not there: put it back, or delete {self.pointer} to begin "
                "with an empty database."
            )
        owner = Path((place / "owner").read_text(encoding="utf-8").strip())
        theirs = Home(owner).pointer
        if owner != self.directory and _names(theirs, place) and not theirs.samefile(self.pointer):
            raise EmbeddedPostgresError(
                f"{self.directory} is a copy of {owner}, and the database of that folder lies in {place}: delete "
                f"{self.pointer} to begin with an empty database, or move the data over with pg_dump."
            )
        _write(place / "owner", str(self.directory))


class Lock:
    """An advisory lock on a file; it lasts as long as some process holds the descriptor."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.descriptor: int | None = None

    def acquire(self, account: Account | None = None, *, shared: bool = False) -> bool:
        """Try to get it without waiting; a file that has to be made for it belongs to `account`."""
        if self.descriptor is None:
            self.descriptor = os.open(self._path, _OPENING, 0o600)
            if account is not None and os.fstat(self.descriptor).st_size == 0:
                account.own(self.descriptor)
        try:
            fcntl.flock(self.descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go of our descriptor; the lock is free when nobody else has a copy."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def sign(self) -> None:
        """Write into the file who we are, for those who find it locked."""
        if self.descriptor is not None:
            os.ftruncate(self.descriptor, 0)
            os.pwrite(self.descriptor, f"{os.getpid()}\n".encode(), 0)

    def holder(self) -> int | None:
        """The process that signed the file last."""
        try:
            text = self._path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        return int(text) if text.isdigit() else None


def make_open(folder: Path) -> None:
    """Make a folder that everybody may enter, with what is missing above it; what is there stays as it is."""
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(exist_ok=True)
        missing.chmod(0o755)


def socket_folder(data: Path, account: Account) -> Path:
    """A short folder for the server's socket that only its user (and root) can enter.

    Its name follows from the data folder, so the next start finds what the last one left.
    """
    name = f"talka-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    folder = _socket_parent(account) / name
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) != 0o700:
            # Somebody else's, by accident or with intent: leave it alone.
            folder = Path(tempfile.mkdtemp(prefix="talka-", dir=folder.parent))
            account.own(folder)
    for leftover in folder.glob(".s.PGSQL.*"):
        leftover.unlink()
    return folder


def _socket_parent(account: Account) -> Path:
    run = Path("/run")
    if account.switch and run.is_dir() and account.can("x", run):
        return run
    temporary = Path(tempfile.gettempdir()).resolve()
    room = _SOCKET_PATH_LIMIT - len(f"/talka-{'0' * 12}/.s.PGSQL.{PORT}.lock")
    return temporary if len(os.fsencode(temporary)) <= room else Path("/tmp")  # noqa: S108  # 0700 below it


def _names(pointer: Path, place: Path) -> bool:
    return pointer.exists() and Path(pointer.read_text(encoding="utf-8").strip()) == place


def _write(path: Path, line: str) -> None:
    """Replace a small file whole."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with fresh.open("x", encoding="utf-8") as file:  # never through a link that somebody put there
        file.write(line + "\n")
    fresh.replace(path)
