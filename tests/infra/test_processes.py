"""Child processes that live and end together: real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from talka.infra.processes import ChildFailedError, ProcessError, Supervisor

# A child as Talka's own are: it dies with its parent, stops in order on SIGTERM and says when it is ready.
CHILD = textwrap.dedent("""
    import os, pathlib, signal, sys, time
    from talka.infra.processes import die_with_parent
    die_with_parent()
    ready = pathlib.Path(sys.argv[1])
    def stop(number, frame):
        ready.with_suffix(".stopped").write_text("in order")
        sys.exit(0)
    signal.signal(signal.SIGTERM, stop)
    if len(sys.argv) > 2:
        import subprocess
        subprocess.Popen([sys.executable, "-c", sys.argv[2], str(ready) + "-grandchild"])
    ready.write_text(str(os.getpid()))
    time.sleep(60)
""")
STUBBORN = textwrap.dedent("""
    import os, pathlib, signal, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
    time.sleep(60)
""")
SUPERVISE = textwrap.dedent("""
    import json, pathlib, sys
    from talka.infra.processes import ProcessError, Supervisor
    try:
        with Supervisor(pathlib.Path(sys.argv[1]), grace=float(sys.argv[2])) as supervisor:
            for name, argv in json.loads(sys.argv[3]).items():
                supervisor.start(name, argv)
            print(supervisor.run(), flush=True)
    except ProcessError as error:
        sys.exit(str(error))
""")


def supervise(directory: Path, children: dict[str, list[str]], grace: float = 5.0) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", SUPERVISE, str(directory), str(grace), json.dumps(children)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def child(ready: Path, source: str = CHILD, *more: str) -> list[str]:
    return [sys.executable, "-c", source, str(ready), *more]


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - began


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):  # not read to their end: what it left may hold them
        if stream is not None:
            stream.close()


def pid_in(ready: Path) -> int:
    wait_for(lambda: ready.exists() and ready.read_text() != "")
    return int(ready.read_text())


def gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_children_and_theirs_die_within_a_second_of_a_killed_parent(tmp_path: Path) -> None:
    ready = tmp_path / "child"
    parent = supervise(tmp_path, {"api": child(ready, CHILD, CHILD)})
    pids = [pid_in(ready), pid_in(tmp_path / "child-grandchild")]
    kill(parent)
    # A second is the promise; the rest is slack for a busy machine.
    assert wait_for(lambda: all(map(gone, pids)), 5.0) < 5.0
    assert not (tmp_path / "child.stopped").exists()


def test_a_child_whose_parent_died_before_it_could_ask_dies_at_once(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    environment = {**os.environ, "TALKA_PARENT_PID": str(dead.pid)}
    late = subprocess.run(child(tmp_path / "late"), env=environment, timeout=30, check=False)
    assert late.returncode == -signal.SIGKILL
    assert not (tmp_path / "late").exists()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_children_in_order(tmp_path: Path, sign: signal.Signals) -> None:
    parent = supervise(tmp_path, {name: child(tmp_path / name) for name in ("api", "jobs")})
    pids = [pid_in(tmp_path / "api"), pid_in(tmp_path / "jobs")]
    parent.send_signal(sign)
    out, err = parent.communicate(timeout=20)
    assert (parent.returncode, out.strip(), err) == (0, str(int(sign)), "")
    assert all(map(gone, pids))
    assert (tmp_path / "api.stopped").read_text() == (tmp_path / "jobs.stopped").read_text() == "in order"
    assert not (tmp_path / "processes.json").exists()


def test_a_child_that_does_not_stop_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    parent = supervise(tmp_path, {"api": child(tmp_path / "api", STUBBORN)}, grace=0.5)
    pid = pid_in(tmp_path / "api")
    began = time.monotonic()
    parent.terminate()
    parent.communicate(timeout=20)
    assert parent.returncode == 0
    assert gone(pid)
    assert 0.5 <= time.monotonic() - began < 5


def test_a_second_signal_kills_at_once(tmp_path: Path) -> None:
    parent = supervise(tmp_path, {"api": child(tmp_path / "api", STUBBORN)}, grace=60)
    pid = pid_in(tmp_path / "api")
    parent.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert not gone(pid)
    parent.send_signal(signal.SIGINT)
    parent.communicate(timeout=20)
    assert gone(pid)


def test_a_failing_child_ends_everything_and_is_named(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        healthy = supervisor.start("api", child(tmp_path / "api"))
        pid_in(tmp_path / "api")
        supervisor.start("jobs", [sys.executable, "-c", "import sys; sys.exit(3)"])
        with pytest.raises(
            ChildFailedError, match=r"^The process 'jobs' ended unexpectedly with exit code 3: "
        ) as caught:
            supervisor.run()
        assert (caught.value.name, caught.value.exit_code) == ("jobs", 3)
        assert gone(healthy)
        killed = supervisor.start("api", child(tmp_path / "again"))
        pid_in(tmp_path / "again")
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(ChildFailedError, match="'api' ended unexpectedly by SIGKILL"):
            supervisor.run()
    assert (tmp_path / "api.stopped").read_text() == "in order"


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor, pytest.raises(ProcessError, match="'api' cannot be started"):
        supervisor.start("api", [str(tmp_path / "nothing")])


def test_tick_ends_the_run_or_reports_a_failure(tmp_path: Path) -> None:
    handler = signal.getsignal(signal.SIGTERM)
    with Supervisor(tmp_path) as supervisor:
        first = supervisor.start("api", child(tmp_path / "api"))
        ticks = iter([False, False, True])
        assert supervisor.run(lambda: next(ticks)) is None
        assert gone(first)
        second = supervisor.start("api", child(tmp_path / "api"))

        def tick() -> bool:
            raise LookupError("the database is gone")

        with pytest.raises(LookupError, match="the database is gone"):
            supervisor.run(tick)
        assert gone(second)
    assert signal.getsignal(signal.SIGTERM) is handler


def test_a_start_ends_what_a_cut_off_run_left_and_nothing_else(tmp_path: Path) -> None:
    # Children that do not die by themselves, so that there is something left.
    parent = supervise(tmp_path, {"api": child(tmp_path / "api", STUBBORN)})
    left = pid_in(tmp_path / "api")
    kill(parent)
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    record = tmp_path / "processes.json"
    rows = json.loads(record.read_text())
    assert [(row["name"], row["pid"]) for row in rows] == [("api", left)]
    # As if the number of an ended child had been given to somebody else.
    record.write_text(json.dumps([*rows, {**rows[0], "pid": bystander.pid}]))
    try:
        assert not gone(left)
        with Supervisor(tmp_path):
            assert gone(left)
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_second_run_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    parent = supervise(tmp_path, {"api": child(tmp_path / "api")})
    pid = pid_in(tmp_path / "api")
    second = supervise(tmp_path, {"api": child(tmp_path / "second")})
    _, err = second.communicate(timeout=20)
    assert second.returncode == 1
    assert err.strip() == (
        f"Talka already runs on {tmp_path} (process {parent.pid}): stop it, or choose another data folder."
    )
    assert not gone(pid)
    parent.terminate()
    parent.communicate(timeout=20)
    assert gone(pid)
