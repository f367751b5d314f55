"""What a data folder of PostgreSQL holds: how it is made, whose it is, and the marks that a server leaves in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from talka.infra.embedded import guard
from talka.infra.embedded.account import Account
from talka.infra.embedded.errors import EmbeddedPostgresError
from talka.infra.embedded.programs import major_version

ROLE = "talka"


@dataclass(frozen=True)
class PidFile:
    """What a server writes into `postmaster.pid`."""

    pid: int
    socket: str
    ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """The mark of the server that runs on the data, or of one that was cut off."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        # pid, data folder, start time, port, socket folder, address, shared memory, status
        return PidFile(pid=int(lines[0]), socket=lines[4], ready=len(lines) > 7 and lines[7].strip() == "ready")
    except (FileNotFoundError, IndexError, ValueError):
        return None


def end_former_run(data: Path) -> bool:
    """End the servers that still use the data and clear their marks; says whether the last run was cut off."""
    mark = data / "postmaster.pid"
    if not data.is_dir():
        return False
    crashed = mark.exists()
    former = _former_postmaster(mark)
    if left := guard.end_servers(str(data), former):
        raise EmbeddedPostgresError(
            f"Process {left[0]} still uses {data} and cannot be ended: end it, or restart the machine."
        )
    mark.unlink(missing_ok=True)
    return crashed


def _former_postmaster(mark: Path) -> int | None:
    try:
        return int(mark.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def initdb_command(programs: Path, data: Path, *, durable: bool) -> list[str]:
    """The command that makes a new cluster in an empty folder."""
    # Plain code point order for text, the same on every system: ids are compared as text.
    locale = ["--locale=C.UTF-8"]
    if major_version(programs) >= 17:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return [
        str(programs / "initdb"),
        f"--username={ROLE}",
        "--encoding=UTF8",
        *locale,
        "--auth-local=peer",
        "--auth-host=reject",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
        "-D",
        str(data),
    ]


def admit(data: Path, account: Account) -> None:
    """Let the server's user and root in by its socket, and nobody else."""
    hba, ident = data / "pg_hba.conf", data / "pg_ident.conf"
    hba.write_text("local all all peer map=talka\n", encoding="utf-8")
    names = sorted({account.name, "root"})
    ident.write_text("".join(f'talka "{name}" {ROLE}\n' for name in names), encoding="utf-8")


def check_version(programs: Path, data: Path) -> None:
    """Raise EmbeddedPostgresError unless these programs can run these data."""
    written = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    ours = major_version(programs)
    if written != str(ours):
        raise EmbeddedPostgresError(
            f"The data in {data} were written by PostgreSQL {written} and this is {ours}: start them with the Talka "
            "that wrote them, or move them over with pg_dump."
        )
