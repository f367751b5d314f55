"""The command line on an embedded database of its own: help, accounts, workers, errors in one line."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx
import pytest
from tests.api.full_bodies import PROFILE
from tests.support.bodies import project_body
from tests.support.server import RunningServer, launch

from talka.app.cli import cli, main

KEY = re.compile(r"[A-Za-z0-9_-]{22}\.[0-9a-f]{8}\.[A-Za-z0-9_-]+")


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


class Shell:
    """Runs commands in this process (each start of Python costs more than most commands do)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._patch = monkeypatch
        self._capture = capsys
        for name in [name for name in os.environ if name.startswith("TALKA_")]:
            monkeypatch.delenv(name)
        monkeypatch.chdir(folder)

    def __call__(self, *arguments: str, **variables: str) -> Done:
        """Run `talka` with these arguments and environment variables."""
        for name, value in variables.items():
            self._patch.setenv(name, value)
        self._patch.setattr(sys, "argv", ["talka", *arguments])
        self._capture.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        finally:
            for name in variables:
                self._patch.delenv(name)
        shown = self._capture.readouterr()
        return Done(status, shown.out, shown.err)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    """A shell without settings of its own, in an empty folder."""
    return Shell(monkeypatch, capsys, tmp_path)


def printed(done: Done) -> Any:
    """The JSON that a command printed as its only line."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def refused(done: Done, *words: str) -> None:
    """A failure: a status that is not zero, nothing on standard output, one line that says what is wrong."""
    assert done.returncode != 0
    assert done.stdout == ""
    last = [line for line in done.stderr.splitlines() if line and not line.startswith(("Usage:", "Try "))][-1]
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in last, last


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with its own database, beside which commands are run."""
    data = tmp_path_factory.mktemp("data")
    started = launch(data, None)
    try:
        yield started
    finally:
        started.stop()


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _commands(inner, (*path, name))


COMMANDS = dict(_commands(cli))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help(run: Shell, path: tuple[str, ...]) -> None:
    done = run(*path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: {' '.join(('talka', *path))}")
    command = COMMANDS[path]
    assert (command.help or "").strip()
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in {"help", "version"}:
            assert parameter.help, f"{path} {parameter.name} has no help"


def test_the_commands_are_there() -> None:
    found = {" ".join(path) for path in COMMANDS}
    assert {"up", "serve", "jobs", "migrate", "demo", "account create", "account deposit", "worker create"} <= found
    assert {"crowd run", "crowd register", "crowd replay"} <= found


def from_shell(*arguments: str, cwd: Path) -> Done:
    """Run `talka` as a program."""
    program = [sys.executable, "-m", "talka", *arguments]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False, cwd=cwd)
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_start_from_a_shell(tmp_path: Path) -> None:
    good = from_shell("-h", cwd=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("Usage: ")
    refused(from_shell("account", "create", cwd=tmp_path), "--email")


def test_help_and_version(run: Shell) -> None:
    for arguments in (("--help",), ("-h",), ("account", "create", "--help")):
        done = run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Usage:" in done.stdout
    assert re.fullmatch(r"talka, version \d+\.\d+\S*\n", run("--version").stdout)


def test_credentials_are_whole_and_private(server: RunningServer) -> None:
    path = server.data / "credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = json.loads(path.read_text())
    assert list(found) == ["base_url", "requester_id", "api_key"]
    assert KEY.fullmatch(found["api_key"])
    with server.client() as client:
        answer = client.get("/api/v1/requester").json()
    assert answer == {"id": found["requester_id"], "balance": 1_000_000, "public_name": {}}


def test_accounts_and_deposits(server: RunningServer, run: Shell) -> None:
    data = str(server.data)
    made = printed(run("account", "create", "--data", data, "--email", "lab@example.org", "--balance", "12.5"))
    assert made.keys() == {"requester_id", "api_key"}
    assert KEY.fullmatch(made["api_key"])
    headers = {"authorization": f"ApiKey {made['api_key']}"}
    assert httpx.get(f"{server.url}/api/v1/requester", headers=headers).json()["balance"] == 12.5
    deposit = ("account", "deposit", "--account", made["requester_id"], "--amount", "0.000001")
    added = printed(run(*deposit, TALKA_DATA=data))
    assert added == {"requester_id": made["requester_id"], "balance": 12.500001}
    refused(run("account", "create", "--data", data, "--email", "LAB@example.org"), "LAB@example.org", "already")
    rename = ("account", "rename", "--data", data, "--account", made["requester_id"], "--name")
    assert printed(run(*rename, "Lab A")) == {"requester_id": made["requester_id"], "public_name": {"EN": "Lab A"}}
    refused(run(*rename, " "), "public_name.EN")
    refused(run("account", "deposit", "--data", data, "--account", "f" * 32, "--amount", "1"), "f" * 32)
    for amount in ("0", "-1", "nan", "ten", "0.0000001", "1e12", "1e30"):
        refused(run("account", "deposit", "--data", data, f"--account={made['requester_id']}", f"--amount={amount}"))
    assert httpx.get(f"{server.url}/api/v1/requester", headers=headers).json()["balance"] == 12.500001


def test_keys_and_members(server: RunningServer, run: Shell) -> None:
    made = [
        printed(run("account", "create", "--data", str(server.data), "--email", f"{name}@team.example"))
        for name in ("boss", "helper")
    ]
    boss, helper = (account["requester_id"] for account in made)
    of_boss = ("--data", str(server.data), "--account", boss)
    key = printed(run("key", "create", *of_boss, "--name", "nightly"))
    assert KEY.fullmatch(key["api_key"])
    listed = printed(run("key", "list", *of_boss))["items"]
    assert [(item["name"], item["prefix"]) for item in listed][1] == ("nightly", key["api_key"][:8])
    assert "api_key" not in listed[1]
    headers = {"authorization": f"ApiKey {key['api_key']}"}
    assert httpx.get(f"{server.url}/api/v1/requester", headers=headers).json()["id"] == boss
    assert printed(run("key", "delete", *of_boss, "--key", key["id"])) == {"id": key["id"]}
    assert httpx.get(f"{server.url}/api/v1/requester", headers=headers).status_code == 401
    refused(run("key", "delete", *of_boss, "--key", key["id"]), key["id"])
    refused(run("key", "create", *of_boss, "--name", " "), "name")
    refused(run("key", "list", "--data", str(server.data), "--account", "nobody"), "nobody")
    added = printed(run("member", "add", *of_boss, "--member", helper, "--role", "viewer"))
    assert (added["requester_id"], added["role"]) == (helper, "VIEWER")
    acting = {"authorization": f"ApiKey {made[1]['api_key']}", "x-act-under-account-id": boss}
    assert httpx.get(f"{server.url}/api/v1/requester", headers=acting).json()["id"] == boss
    assert httpx.post(f"{server.url}/api/v1/skills", headers=acting, json={"name": "x"}).status_code == 403
    assert printed(run("member", "role", *of_boss, "--member", helper, "--role", "editor"))["role"] == "EDITOR"
    assert httpx.post(f"{server.url}/api/v1/skills", headers=acting, json={"name": "x"}).status_code == 201
    assert printed(run("member", "list", *of_boss))["items"] == [{**added, "role": "EDITOR"}]
    refused(run("member", "add", *of_boss, "--member", helper, "--role", "viewer"), "already")
    refused(run("member", "add", *of_boss, "--member", helper, "--role", "owner"), "owner")
    assert printed(run("member", "remove", *of_boss, "--member", helper)) == {"requester_id": helper}
    assert httpx.get(f"{server.url}/api/v1/requester", headers=acting).status_code == 403
    refused(run("member", "remove", *of_boss, "--member", helper), helper)


def test_the_operators_commands(server: RunningServer, run: Shell) -> None:
    data = ("--data", str(server.data))
    key = printed(run("operator", "key", "create", *data, "--name", "cron"))
    assert KEY.fullmatch(key["api_key"])
    headers = {"authorization": f"ApiKey {key['api_key']}"}
    assert httpx.get(f"{server.url}/api/operator/v1/bans", headers=headers).json() == {"items": [], "has_more": False}
    assert [item["name"] for item in printed(run("operator", "key", "list", *data))["items"]] == ["cron"]
    usual = {"fee_percent": 0, "open_registration": True, "minimum_payout": 1, "moderation": "OFF"}
    assert printed(run("operator", "settings", *data)) == usual
    chosen = ("--fee-percent", "7.5", "--registration", "closed", "--minimum-payout", "3", "--moderation", "first-run")
    changed = {"fee_percent": 7.5, "open_registration": False, "minimum_payout": 3, "moderation": "FIRST_RUN"}
    assert printed(run("operator", "settings", *data, *chosen)) == changed
    assert httpx.get(f"{server.url}/api/operator/v1/settings", headers=headers).json() == changed
    refused(run("operator", "settings", *data, "--fee-percent", "101"), "fee_percent")
    refused(run("operator", "settings", *data, "--fee-percent", "5", "--reset", "fee_percent"), "fee_percent")
    assert printed(run("moderation", "list", *data)) == {"items": [], "has_more": False}
    with server.client() as client:
        project = client.post("/api/v1/projects", json=project_body()).json()
    of_it = (*data, "--project", project["id"])
    rejected = printed(run("moderation", "reject", *of_it, "--major", "1", "--comment", "Asks for phone numbers"))
    assert (rejected["status"], rejected["comment"]) == ("REJECTED", "Asks for phone numbers")
    assert printed(run("moderation", "approve", *of_it, "--major", "1"))["status"] == "APPROVED"
    shown = printed(run("moderation", "show", *of_it))
    assert (shown["project"]["public_name"], len(shown["decisions"])) == (project["public_name"], 1)
    refused(run("moderation", "approve", *of_it, "--major", "2"), "2")
    refused(run("moderation", "show", *data, "--project", "1"), "1")
    resets = [word for name in usual for word in ("--reset", name)]
    assert printed(run("operator", "settings", *data, *resets)) == usual
    made = printed(run("worker", "create", *data, "--login", "banned", "--password", "long enough"))
    user = ("--user", made["user_id"])
    ban = printed(run("ban", "add", *data, *user, "--comment", "bots", "--until", "2100-01-01"))
    assert (ban["scope"], ban["will_expire"]) == ("SYSTEM", "2100-01-01T00:00:00")
    assert printed(run("ban", "list", *data)) == {"items": [ban], "has_more": False}
    refused(run("ban", "add", *data, *user, "--until", "soon"), "will_expire")
    assert printed(run("ban", "lift", *data, *user)) == {"user_id": made["user_id"]}
    refused(run("ban", "lift", *data, *user), made["user_id"])
    assert printed(run("payout", "list", *data)) == {"items": []}
    table = run("payout", "list", *data, "--csv", "--status", "new", "--status", "approved")
    assert (table.returncode, table.stdout) == (
        0, "id,user_id,login,amount,destination,status,comment,created,modified\n"
    )  # fmt: skip
    for verb in ("approve", "pay", "reject"):
        refused(run("payout", verb, *data, "--payout", "1000001"), "1000001")
    assert printed(run("operator", "key", "delete", *data, "--key", key["id"])) == {"id": key["id"]}
    assert httpx.get(f"{server.url}/api/operator/v1/bans", headers=headers).status_code == 401
    refused(run("operator", "key", "delete", *data, "--key", key["id"]), key["id"])


def test_workers(server: RunningServer, run: Shell, tmp_path: Path) -> None:
    data = str(server.data)
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({**PROFILE, "gender": None}))
    made = printed(
        run(
            "worker", "create", "--data", data, "--login", "ada", "--password", "long enough", "--profile", str(profile)
        )
    )
    headers = {"authorization": f"Bearer {made['token']}"}
    me = httpx.get(f"{server.url}/api/worker/v1/me", headers=headers).json()
    assert (me["user_id"], me["login"]) == (made["user_id"], "ada")
    assert me["profile"] == {name: value for name, value in PROFILE.items() if name not in ("computed", "gender")}
    again = run("worker", "create", "--data", data, "--login", "ADA", "--password", "long enough")
    refused(again, "ADA", "taken")
    refused(run("worker", "create", "--data", data, "--login", "a", "--password", "short"), "login", "password")
    profile.write_text('{"planet": "Mars"}')
    wrong = ("worker", "create", "--data", data, "--login", "bob", "--password", "long enough", "--profile")
    refused(run(*wrong, str(profile)), "profile.planet")
    profile.write_text("{")
    refused(run(*wrong, str(profile)), "JSON")
    refused(run(*wrong, str(tmp_path / "none.json")), "none.json")


def test_migrate_beside_a_running_server(server: RunningServer, run: Shell) -> None:
    done = run("migrate", "--data", str(server.data))
    assert (done.returncode, done.stdout) == (0, "The database has the newest schema.\n")
    with server.client() as client:
        assert client.get("/readyz").status_code == 200


def test_a_command_starts_and_stops_the_database_itself(run: Shell, tmp_path: Path) -> None:
    made = printed(run("account", "create", "--data", str(tmp_path), "--email", "a@b.example", "--balance", "3"))
    added = printed(
        run("account", "deposit", "--data", str(tmp_path), "--account", made["requester_id"], "--amount", "2")
    )
    assert added["balance"] == 5
    assert not list(tmp_path.rglob("postmaster.pid"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nonsense",), ("nonsense",)),
        (("account",), ()),
        (("account", "create"), ("--email",)),
        (("account", "create", "--email", "nobody"), ("nobody",)),
        (("up", "--port", "70000"), ("70000",)),
        (("up", "--port", "x"), ("x",)),
        (("migrate", "--database-url", "postgresql://127.0.0.1:1/none"), ()),
        (("account", "create", "--email", "a@b", "--database-url", "nonsense"), ()),
        (("crowd", "run", "--pool", "1", "--url", "http://127.0.0.1:1", "--api-key", "x"), ()),
        (("crowd", "run", "--pool", "1"), ("credentials.json",)),
    ],
    ids=lambda value: " ".join(value) if value and isinstance(value, tuple) else None,
)
def test_failures_are_one_line(run: Shell, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = run(*arguments)
    if arguments == ("account",):
        assert "Usage:" in done.stdout + done.stderr
    else:
        refused(done, *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [('port = "many"', ("port", "many")), ("colour = 1", ("colour",)), ("port = ", ("TOML",))],
)
def test_bad_settings_files_are_told(run: Shell, tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (tmp_path / "talka.toml").write_text(text)
    refused(run("migrate"), *words)
    (tmp_path / "talka.toml").unlink()
    refused(run("migrate", TALKA_PORT="-5"), "TALKA_PORT")


def test_a_taken_port_is_told(server: RunningServer, tmp_path: Path) -> None:
    port = server.url.rsplit(":", 1)[1]
    refused(from_shell("up", "--port", port, cwd=tmp_path), port, "--port")
    assert not (tmp_path / "talka-data" / "credentials.json").exists()
