"""The embedded database: real servers, really killed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from talka.infra.embedded import EmbeddedPostgres, EmbeddedPostgresError, binaries, guard, programs, server
from talka.infra.embedded.errors import explain_os_error, explain_output
from talka.infra.embedded.home import Home

ROOT = os.geteuid() == 0
# Starts the server of a folder, says where it is, and would run until its input ends.
OWNER = textwrap.dedent("""
    import os, pathlib, sys
    from talka.infra.embedded import EmbeddedPostgres
    postgres = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
    print(postgres.start(), flush=True)
    sys.stdin.read()
    postgres.stop()
""")


def open_folder() -> Path:
    """A folder that every user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="talka-test-"))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for data folders; all databases made in it are taken away again."""
    folder = open_folder()
    yield folder
    for mark in [*folder.rglob("postgres.lock")]:
        EmbeddedPostgres(mark.parent).destroy()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def empty_database() -> Iterator[Path]:
    """A data folder after its first start, to be copied: it saves the making of one for every test."""
    folder = open_folder()
    with EmbeddedPostgres(folder / "data"):
        pass
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def directory(place: Path, empty_database: Path) -> Path:
    """A data folder that was used before."""
    subprocess.run(["cp", "-a", empty_database, place / "data"], check=True)
    return place / "data"


@pytest.fixture
def fresh(place: Path) -> Path:
    """A data folder for a first start."""
    return place / "fresh"


def quick(directory: Path) -> EmbeddedPostgres:
    """For tests that are not about what survives."""
    return EmbeddedPostgres(directory, durable=False)


def rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT n FROM answers ORDER BY n")]


def make_table(url: str, *values: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE answers (n bigint PRIMARY KEY)")
        for value in values:
            connection.execute("INSERT INTO answers VALUES (%s)", (value,))


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


def postmaster_of(directory: Path) -> int:
    return int((Home(directory).data / "postmaster.pid").read_text().split("\n", 1)[0])


def servers(directory: Path) -> list[int]:
    return [process.pid for process in guard.servers_of(str(Home(directory).data))]


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - began


def start_owner(directory: Path, source: str = OWNER) -> tuple[subprocess.Popen[str], str]:
    argv = [sys.executable, "-c", source, str(directory)]
    owner = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    url = owner.stdout.readline().strip()
    assert url.startswith("postgresql://")
    return owner, url


def kill(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.wait()
    for stream in (owner.stdin, owner.stdout):
        if stream is not None:
            stream.close()


class Writer(threading.Thread):
    """Inserts rows one by one, each its own transaction, and remembers which were acknowledged."""

    def __init__(self, url: str, first: int) -> None:
        super().__init__()
        self.acknowledged: list[int] = []
        self._url = url
        self._next = first

    def run(self) -> None:
        try:
            with psycopg.connect(self._url, autocommit=True) as connection:
                while True:
                    connection.execute("INSERT INTO answers VALUES (%s)", (self._next,))
                    self.acknowledged.append(self._next)
                    self._next += 1
        except psycopg.OperationalError:
            return


def hammer(url: str) -> list[Writer]:
    writers = [Writer(url, first * 1_000_000) for first in range(1, 5)]
    for writer in writers:
        writer.start()
    wait_for(lambda: all(len(writer.acknowledged) > 100 for writer in writers))
    return writers


def acknowledged_by(writers: list[Writer]) -> set[int]:
    for writer in writers:
        writer.join(timeout=15)
        assert not writer.is_alive()
    return {value for writer in writers for value in writer.acknowledged}


def test_start_stop_and_start_again(fresh: Path) -> None:
    fresh.mkdir()
    (fresh / "notes.txt").write_text("mine")
    postgres = EmbeddedPostgres(fresh)
    assert not postgres.running()
    said: list[str] = []
    url = postgres.start(said.append)
    assert said == [f"Creating the database in {fresh}/postgres"]
    assert postgres.running()
    assert postgres.start() == url
    make_table(url, 1, 2)
    postmaster = postmaster_of(fresh)
    postgres.stop()
    assert not postgres.running()
    assert servers(fresh) == []
    postgres.stop()
    with EmbeddedPostgres(fresh) as again:
        assert again.running()
        assert rows(again.start()) == [1, 2]
        assert postmaster_of(fresh) != postmaster
    assert servers(fresh) == []
    assert (fresh / "notes.txt").read_text() == "mine"
    postgres.destroy()
    assert sorted(path.name for path in fresh.iterdir()) == ["notes.txt", "postgres.lock", "postgres.users"]


def test_what_the_server_is_like(directory: Path) -> None:
    with EmbeddedPostgres(directory, settings={"work_mem": "5MB"}) as postgres:
        url = postgres.start()
        names = ("synchronous_commit", "fsync", "listen_addresses", "TimeZone", "max_connections", "work_mem")
        assert [setting(url, name) for name in names] == ["on", "on", "", "UTC", "100", "5MB"]
        with psycopg.connect(url) as connection:
            ordered = connection.execute("SELECT x FROM unnest('{a,B,_,é,0}'::text[]) AS x ORDER BY x").fetchall()
            assert [row[0] for row in ordered] == sorted("aB_é0")
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        status = Path(f"/proc/{postmaster_of(directory)}/status")
        owner = (directory / "postgres").stat()
        assert owner.st_uid != 0
        assert owner.st_mode & 0o777 == 0o700
        if status.exists():
            assert f"Uid:\t{owner.st_uid}\t" in status.read_text()
        # Ctrl-C in our terminal does not reach it.
        assert os.getsid(postmaster_of(directory)) != os.getsid(0)
        said = subprocess.run([binaries() / "psql", url, "-Atc", "SELECT 7"], capture_output=True, check=True)
        assert said.stdout == b"7\n"


def test_tests_may_do_without_durability(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False) as postgres:
        names = ("fsync", "synchronous_commit", "full_page_writes")
        assert [setting(postgres.start(), name) for name in names] == ["off", "off", "off"]


def test_nothing_acknowledged_is_lost_when_the_postmaster_is_killed(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory)
    url = postgres.start()
    make_table(url)
    writers = hammer(url)
    postgres.check()
    os.kill(postmaster_of(directory), signal.SIGKILL)
    acknowledged = acknowledged_by(writers)
    wait_for(lambda: not postgres.running())
    with pytest.raises(EmbeddedPostgresError, match=r"^The database was killed from outside"):
        postgres.check()
    again = postgres.start()
    # What was sent but not answered may be there too: at most one row per writer.
    assert acknowledged <= set(rows(again))
    assert len(rows(again)) <= len(acknowledged) + len(writers)
    postgres.stop()


def test_nothing_acknowledged_is_lost_when_everything_is_killed(directory: Path) -> None:
    owner, url = start_owner(directory)
    make_table(url)
    writers = hammer(url)
    for pid in (owner.pid, *guards_of(directory), *servers(directory)):
        os.kill(pid, signal.SIGKILL)
    kill(owner)
    acknowledged = acknowledged_by(writers)
    with EmbeddedPostgres(directory) as postgres:
        found = rows(postgres.start(take_over=True))
        assert acknowledged <= set(found)
        assert len(found) <= len(acknowledged) + len(writers)


def guards_of(directory: Path) -> list[int]:
    """The parent of the postmaster."""
    shown = subprocess.run(["ps", "-o", "ppid=", "-p", str(postmaster_of(directory))], capture_output=True, check=True)
    return [int(shown.stdout)]


def test_a_killed_owner_takes_the_server_with_it(directory: Path) -> None:
    owner, url = start_owner(directory)
    make_table(url, 1)
    writers = hammer(url)
    threading.Timer(0.2, owner.kill).start()
    # Busy without a pause in which it could notice that nobody wants it any more.
    with psycopg.connect(url) as connection, pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT count(*) FROM generate_series(1, 100000000000)")
    owner.wait()
    # A second is the promise; the rest is slack for a busy machine.
    assert wait_for(lambda: servers(directory) == [], 5.0) < 5.0
    kill(owner)
    acknowledged = acknowledged_by(writers)
    with EmbeddedPostgres(directory) as postgres:
        assert acknowledged <= set(rows(postgres.start(take_over=True)))


def test_a_killed_guard_takes_the_server_with_it_too(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory)
    url = postgres.start()
    make_table(url, 1)
    for pid in guards_of(directory):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not postgres.running())
    if sys.platform == "linux":  # elsewhere the next start ends it
        wait_for(lambda: servers(directory) == [], 5.0)
    assert rows(postgres.start()) == [1]
    postgres.stop()


def test_a_start_ends_orphans_that_hold_the_shared_memory(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory)
    url = postgres.start()
    make_table(url, 1)
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        keeper = guards_of(directory)[0]
        # Stopped, neither can notice that the postmaster is gone.
        os.kill(backend, signal.SIGSTOP)
        os.kill(keeper, signal.SIGSTOP)
        os.kill(postmaster_of(directory), signal.SIGKILL)
        os.kill(keeper, signal.SIGKILL)
        wait_for(lambda: not postgres.running())
        assert backend in servers(directory)
        again = postgres.start()
        assert backend not in servers(directory)
        assert rows(again) == [1]
    postgres.stop()


def test_two_commands_share_one_server(directory: Path) -> None:
    owner = quick(directory)
    url = owner.start()
    make_table(url, 1)
    postmaster = postmaster_of(directory)
    guest, other_url = start_owner(directory)
    assert other_url == url
    assert postmaster_of(directory) == postmaster
    guest.communicate("", timeout=15)
    assert guest.returncode == 0
    assert owner.running()
    attached = quick(directory)
    assert attached.start() == url
    assert attached.running()
    # An owner that stops lets the guest finish.
    leave = threading.Timer(0.5, attached.stop)
    leave.start()
    began = time.monotonic()
    owner.stop()
    assert 0.4 < time.monotonic() - began < server._USERS_GRACE
    assert servers(directory) == []
    assert not attached.running()


def test_two_first_starts_at_once_make_one_database(fresh: Path) -> None:
    found: list[str] = []
    instances = [quick(fresh) for _ in range(3)]
    starts = [threading.Thread(target=lambda one=one: found.append(one.start())) for one in instances]
    for start in starts:
        start.start()
    for start in starts:
        start.join(timeout=30)
    assert len(found) == 3
    assert len(set(found)) == 1
    make_table(found[0], 5)
    assert rows(found[0]) == [5]
    stops = [threading.Thread(target=one.stop) for one in instances]
    for stop in stops:
        stop.start()
    for stop in stops:
        stop.join(timeout=30)
    assert servers(fresh) == []


def test_taking_over_waits_for_the_dead_and_refuses_the_living(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, url = start_owner(directory)
    make_table(url, 1)
    monkeypatch.setattr(server, "_LOCK_PATIENCE", 0.3)
    refused = EmbeddedPostgres(directory)
    with pytest.raises(EmbeddedPostgresError, match=f"^Process {owner.pid} already uses {directory}: stop it"):
        refused.start(take_over=True)
    with pytest.raises(EmbeddedPostgresError, match=f"^Process {owner.pid} already uses"):
        refused.start(attach_if_running=False)
    with pytest.raises(EmbeddedPostgresError, match=f"^Process {owner.pid} uses {directory}"):
        refused.destroy()
    assert rows(url) == [1]
    monkeypatch.undo()
    former = postmaster_of(directory)
    kill(owner)
    with EmbeddedPostgres(directory) as postgres:
        assert rows(postgres.start(take_over=True)) == [1]
        assert postmaster_of(directory) != former


def test_a_mark_that_names_somebody_else_is_cleared_and_nobody_hurt(directory: Path) -> None:
    neighbour = directory.parent / "neighbour"
    subprocess.run(["cp", "-a", directory, neighbour], check=True)
    postgres = quick(directory)
    make_table(postgres.start(), 1)
    postgres.stop()
    mark = directory / "postgres" / "postmaster.pid"
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with quick(neighbour) as other:
        other_url = other.start()
        make_table(other_url, 2)
        for pid in (bystander.pid, postmaster_of(neighbour), os.getpid()):
            mark.write_text(f"{pid}\n{directory}/postgres\n1\n5432\n/tmp\n\n  1 1\nready   \n")
            assert rows(postgres.start()) == [1]
            postgres.stop()
        assert rows(other_url) == [2]
        assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_deep_folder_works(place: Path) -> None:
    directory = place.joinpath(*["a folder with a long name, and a space"] * 6)
    with quick(directory) as postgres:
        make_table(postgres.start(), 1)
        assert (directory / "postgres" / "PG_VERSION").is_file()
    with quick(directory) as postgres:
        assert rows(postgres.start()) == [1]


def test_a_folder_below_a_closed_one_works_and_stays_closed(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    directory = closed / "data"
    with quick(directory) as postgres:
        make_table(postgres.start(), 1)
    assert closed.stat().st_mode & 0o777 == 0o700
    # Root's server cannot enter the folder and keeps its data elsewhere; anybody else's can.
    assert (directory / "postgres").exists() == (not ROOT)
    assert (directory / "postgres.location").exists() == ROOT
    moved, copied = place / "moved", place / "copied"
    directory.rename(moved)
    with quick(moved) as postgres:
        assert rows(postgres.start()) == [1]
    shutil.copytree(moved, copied)
    if ROOT:
        with pytest.raises(EmbeddedPostgresError, match=f"^{copied} is a copy of {moved}, and the database"):
            quick(copied).start()
        (copied / "postgres.location").unlink()
    with quick(moved) as postgres:
        assert rows(postgres.start()) == [1]
    elsewhere = Home(moved).data.parent
    quick(moved).destroy()
    assert elsewhere.exists() == (not ROOT)


def test_programs_below_a_closed_folder_are_copied_once(
    place: Path, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, shelf = place / "closed", place / "shelf"
    closed.mkdir(mode=0o700)
    package = binaries().parent.parent
    installed = closed / package.name / binaries().parent.name
    shutil.copytree(binaries().parent, installed)
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    monkeypatch.setattr(programs, "_install", lambda: installed)
    monkeypatch.setattr(server, "SHELF", shelf)
    made = []
    for _ in range(2):
        with quick(directory):
            argv = subprocess.run(
                ["ps", "-o", "args=", "-p", str(postmaster_of(directory))],
                capture_output=True,
                check=True,
                text=True,
            ).stdout
        assert argv.startswith(str(shelf if ROOT else closed))
        made.append([(copy, copy.stat().st_mtime_ns, copy.stat().st_ino) for copy in shelf.rglob("bin/postgres")])
    assert len(made[0]) == int(ROOT)
    assert made[0] == made[1]
    assert closed.stat().st_mode & 0o777 == 0o700


def test_the_owner_of_the_data_runs_the_server(directory: Path) -> None:
    with quick(directory) as postgres:
        make_table(postgres.start(), 1)
    data = directory / "postgres"
    owner = pwd.getpwnam("nobody") if ROOT else pwd.getpwuid(os.geteuid())
    for path in [data, *data.rglob("*")]:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    with quick(directory) as postgres:
        assert rows(postgres.start()) == [1]
        uid = subprocess.run(["ps", "-o", "uid=", "-p", str(postmaster_of(directory))], capture_output=True, check=True)
        assert int(uid.stdout) == owner.pw_uid


def test_a_first_start_that_was_cut_off_is_repeated(fresh: Path) -> None:
    half = fresh / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with quick(fresh) as postgres:
        make_table(postgres.start(), 1)
    assert not half.exists()


def test_a_long_log_is_cut_while_the_server_writes_it(directory: Path) -> None:
    log = directory / "postgres.log"
    log.write_bytes(b"x" * guard.LOG_LIMIT)
    with quick(directory) as postgres:
        url = postgres.start()
        wait_for(lambda: log.stat().st_size < 1_000_000)
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT 1 FROM this_is_logged")
        wait_for(lambda: b"this_is_logged" in log.read_bytes())
    assert (directory / "postgres.log.1").stat().st_size >= guard.LOG_LIMIT


def test_failures_say_in_one_sentence_what_to_do(place: Path, directory: Path) -> None:
    with pytest.raises(
        EmbeddedPostgresError, match=r"^A setting .* wrong value \(invalid value for parameter \"work_mem"
    ):
        EmbeddedPostgres(directory, settings={"work_mem": "lots"}).start()
    assert servers(directory) == []
    (directory / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match=r"were written by PostgreSQL 12 and this is 18: start them with"):
        quick(directory).start()
    (place / "file").write_text("")
    with pytest.raises(EmbeddedPostgresError, match=r"/file is in the way: move it"):
        quick(place / "file").start()
    linked = place / "linked"
    linked.mkdir()
    (linked / "postgres.log").symlink_to(place / "file")
    with pytest.raises(EmbeddedPostgresError, match=r"/postgres.log is in the way: move it"):
        quick(linked).start()
    (linked / "postgres.log").unlink()
    assert (place / "file").read_text() == ""
    other = place / "other"
    (other / "postgres").mkdir(parents=True)
    (other / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(EmbeddedPostgresError, match=r"is in the way: move it"):
        quick(other).start()
    assert (other / "postgres" / "thesis.txt").read_text() == "mine"
    shutil.rmtree(other)


def test_a_full_disk_is_named() -> None:
    data, log = Path("/d/postgres"), Path("/d/postgres.log")
    with pytest.raises(OSError, match="No space left") as full, Path("/dev/full").open("wb", buffering=0) as disk:
        disk.write(b"x")
    expected = "is full: free some space and start again; nothing stored was lost."
    assert str(explain_os_error(full.value, data)) == f"The disk that holds {data} {expected}"
    output = '2026-01-01 [7] FATAL:  could not write lock file "postmaster.pid": No space left on device\n'
    assert str(explain_output(output, data, log)) == f"The disk that holds {data} {expected}"
    unknown = "2026-01-01 [7] LOG:  starting\n2026-01-01 [7] FATAL:  something new\n"
    assert str(explain_output(unknown, data, log)) == f"The database does not run (something new): see {log}."
