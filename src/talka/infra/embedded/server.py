"""Starts, finds and stops the PostgreSQL server of one data folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from talka.infra.embedded import guard
from talka.infra.embedded.account import Account, account_for
from talka.infra.embedded.cluster import (
    ROLE,
    admit,
    check_version,
    end_former_run,
    initdb_command,
    read_pid_file,
)
from talka.infra.embedded.errors import EmbeddedPostgresError, explain_os_error, explain_output
from talka.infra.embedded.home import SHELF, Home, Lock, socket_folder
from talka.infra.embedded.programs import binaries_for
from talka.infra.embedded.settings import PORT, server_settings

Progress = Callable[[str], None]

_DATABASE = "talka"
_POLL = 0.02
# Appending, so that the guard may cut the log while the server writes it; no link, since root may be led astray.
_APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_USERS_GRACE = 5.0  # seconds that a stopping owner gives to others who use its server
_LOCK_PATIENCE = 10.0  # seconds until a lock that is not let go is reported
_ATTACH_PATIENCE = 600.0  # the same while its living owner may be recovering


class EmbeddedPostgres:
    """The PostgreSQL server of one data folder.

    Data lie in `DIR/postgres`, what the server says in `DIR/postgres.log`. The server has no network address; it
    is reached by a socket that only its user (and root) can enter, and the kernel says who is at the other end.
    It ends within about a second of the process that started it, also when that process is killed.
    """

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool = True,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._home = Home(directory.absolute().resolve())
        self._durable = durable
        self._settings = settings
        self._lock = Lock(self._home.directory / "postgres.lock")
        self._users = Lock(self._home.directory / "postgres.users")
        self._account: Account | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None
        self._url: str | None = None

    def start(
        self, progress: Progress | None = None, *, attach_if_running: bool = True, take_over: bool = False
    ) -> str:
        """Start the server, or attach to the one of another living process; returns a `postgresql://` URL.

        What a former run left behind is ended first. `take_over` (for the process that is meant to serve) never
        attaches: it waits some seconds for a living owner to let go. `progress` gets sentences for people.
        Raises EmbeddedPostgresError, after which nothing of this start is left running.
        """
        if self._url is not None and self.running():
            return self._url
        self.stop()
        say = progress or (lambda _: None)
        try:
            self._home.directory.mkdir(parents=True, exist_ok=True)
            self._account = account = account_for(self._home.data)
            if self._lock_or_attach(account, attach_if_running and not take_over, say):
                self._url = self._launch(account, say)
        except BaseException as error:
            self._let_go(b"")
            if isinstance(error, OSError):
                raise explain_os_error(error, self._home.directory) from error
            raise
        assert self._url is not None
        return self._url

    def stop(self) -> None:
        """Stop the server in order, if it is ours: others who use it get some seconds to finish first."""
        if self._guard is not None and self._guard.poll() is None:
            until = time.monotonic() + _USERS_GRACE
            while not self._users.acquire(self._account) and time.monotonic() < until:
                time.sleep(_POLL)
        self._let_go(b"stop")

    def running(self) -> bool:
        """Say whether the server that `start` gave us is still there."""
        if self._guard is not None:
            return self._guard.poll() is None
        return self._url is not None and self._reachable() is not None

    def check(self) -> None:
        """Raise EmbeddedPostgresError with the server's own reason if it was ours and has ended by itself."""
        if self._guard is None or (code := self._guard.poll()) is None:
            return
        if code == 128 + signal.SIGKILL:
            raise EmbeddedPostgresError(
                "The database was killed from outside, perhaps for want of memory: start again, nothing that was "
                "confirmed is lost."
            )
        raise explain_output(self._heard(self._said() - 20_000), self._home.data, self._home.log)

    def destroy(self) -> None:
        """Stop the server and delete its data, also where they lie outside of the folder.

        Raises EmbeddedPostgresError while another process runs it.
        """
        self.stop()
        if not self._home.directory.is_dir():
            return
        try:
            if not self._lock.acquire():
                raise EmbeddedPostgresError(f"{self._owner_named()} uses {self._home.directory}: stop it first.")
            end_former_run(self._home.data)
            socket_folder(self._home.data, account_for(self._home.data)).rmdir()
            self._home.remove()
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- whose server it is

    def _lock_or_attach(self, account: Account, attach: bool, say: Progress) -> bool:
        """Become the owner (True) or attach to a living owner's server (False)."""
        began, told = time.monotonic(), False
        while not self._lock.acquire(account):
            if attach and self._attach(account):
                self._lock.release()
                return False
            waited = time.monotonic() - began
            if waited > (_ATTACH_PATIENCE if attach and self._owner() else _LOCK_PATIENCE):
                raise EmbeddedPostgresError(
                    f"{self._owner_named()} already uses {self._home.directory}: stop it, or choose another "
                    "data folder."
                )
            if waited > 1 and not told:
                say(f"Waiting for {self._owner_named()}, which uses {self._home.directory}")
                told = True
            time.sleep(_POLL)
        self._lock.sign()
        return True

    def _attach(self, account: Account) -> bool:
        if not self._users.acquire(account, shared=True):
            return False
        self._url = self._reachable()
        if self._url is None:
            self._users.release()
        return self._url is not None

    def _reachable(self) -> str | None:
        """The URL of another process's server, if that process lives and the server answers."""
        found = read_pid_file(self._home.data)
        if found is None or not found.ready or self._owner() is None:
            return None
        url = _url(found.socket, _DATABASE)
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return None
        return url

    def _owner(self) -> int | None:
        """The living process that owns the server."""
        pid = self._lock.holder()
        return pid if pid is not None and guard.alive(pid) else None

    def _owner_named(self) -> str:
        return f"Process {pid}" if (pid := self._owner()) else "A process on another machine or in another container"

    # --- starting

    def _launch(self, account: Account, say: Progress) -> str:
        data = self._home.settle(account)
        programs = binaries_for(account, SHELF / "postgresql")
        crashed = end_former_run(data)
        self._socket = socket_folder(data, account)
        if not (data / "PG_VERSION").is_file():
            say(f"Creating the database in {data}")
            self._create(programs, data, account)
        check_version(programs, data)
        settings = server_settings(self._socket, durable=self._durable, overrides=self._settings)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        said = self._said()
        self._guard = self._spawn([str(programs / "postgres"), "-D", str(data), *options], data, account)
        self._await_ready(data, said, say, crashed)
        _ensure_database(str(self._socket))
        self._lock.release()  # the guard has it now, for as long as the server lives
        return _url(str(self._socket), _DATABASE)

    def _create(self, programs: Path, data: Path, account: Account) -> None:
        """Make a new cluster beside its final place and move it there whole, so that a half-made one never counts."""
        fresh = data.with_name("postgres.new")
        guard.end_servers(str(fresh), None)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        account.own(fresh)
        said = self._said()
        self._guard = self._spawn(initdb_command(programs, fresh, durable=self._durable), fresh, account)
        code = self._guard.wait()
        self._close_guard()
        if code != 0:
            raise explain_output(self._heard(said), data, self._home.log)
        admit(fresh, account)
        fresh.rename(data)

    def _spawn(self, argv: list[str], folder: Path, account: Account) -> subprocess.Popen[bytes]:
        order = guard.Order(
            argv=argv,
            uid=account.uid if account.switch else None,
            gid=account.gid if account.switch else None,
            folder=str(folder),
            log=str(self._home.log),
            parent=os.getpid(),
        )
        assert self._lock.descriptor is not None
        log = os.open(self._home.log, _APPENDING, 0o600)
        try:
            account.own(log)
            return subprocess.Popen(
                [sys.executable, "-P", guard.__file__, json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(self._lock.descriptor,),
                env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            )
        finally:
            os.close(log)

    def _await_ready(self, data: Path, said: int, say: Progress, crashed: bool) -> None:
        assert self._guard is not None
        doing = "Recovering the database after it was cut off" if crashed else "Starting the database"
        began, word = time.monotonic(), 1.0
        while self._guard.poll() is None:
            found = read_pid_file(data)
            if found is not None and found.ready:
                return
            if (waited := time.monotonic() - began) >= word:
                say(f"{doing}: {waited:.0f} s")
                word += 2.0
            time.sleep(_POLL)
        raise explain_output(self._heard(said), data, self._home.log)

    def _said(self) -> int:
        """How much the log holds already, in bytes."""
        return self._home.log.stat().st_size if self._home.log.exists() else 0

    def _heard(self, since: int) -> str:
        with self._home.log.open("rb") as log:
            log.seek(max(since, 0))
            return log.read(100_000).decode(errors="replace")

    # --- stopping

    def _let_go(self, word: bytes) -> None:
        """End the guard, with `stop` in order and with nothing at once, and free all that we hold."""
        if self._guard is not None and word and self._guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.write(word)
                self._guard.stdin.flush()
            self._guard.wait()
        self._close_guard()
        if self._socket is not None:
            with contextlib.suppress(OSError):  # not empty where the server could not clean up: the next start does
                self._socket.rmdir()
            self._socket = None
        self._users.release()
        self._lock.release()
        self._url = None

    def _close_guard(self) -> None:
        if self._guard is not None:
            if self._guard.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    self._guard.stdin.close()
            self._guard.wait()
            self._guard = None


def _url(socket: str, database: str) -> str:
    return f"postgresql://{ROLE}@/{database}?host={quote(socket, safe='')}&port={PORT}"


def _ensure_database(socket: str) -> None:
    try:
        with psycopg.connect(_url(socket, "postgres"), autocommit=True, connect_timeout=30) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)).fetchone()
            if found is None:
                connection.execute(f"CREATE DATABASE {_DATABASE}")
    except psycopg.Error as error:
        raise EmbeddedPostgresError(
            f"The database was started but does not let us in ({str(error).splitlines()[0]}): start it again as the "
            "user that made it."
        ) from error
