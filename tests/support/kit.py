"""The published client (toloka-kit) in an environment of its own, and scripts that run in it."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_PINS = _ROOT / "requirements" / "kit.txt"
_FOLDER = _ROOT / ".kit-venv"
INSIDE = _ROOT / "tests" / "clients" / "inside"


def kit_python() -> Path:
    """The Python of the client's environment, which is made again whenever its pins or our Python change."""
    _FOLDER.mkdir(exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # runs of tests beside each other make it once
        environment, made_for = _FOLDER / "environment", _FOLDER / "made-for"
        wanted = f"{sys.version}\n{_PINS.read_text()}"
        python = environment / "bin" / "python"
        if not made_for.exists() or made_for.read_text() != wanted:
            made_for.unlink(missing_ok=True)
            shutil.rmtree(environment, ignore_errors=True)
            _run(sys.executable, "-m", "venv", str(environment))
            _run(str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(_PINS))
            made_for.write_text(wanted)
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


class KitScript:
    """A script in the client's environment that takes and gives one JSON value a line."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    @contextmanager
    def start(cls, python: Path, script: Path, log: Path, *arguments: str) -> Iterator[KitScript]:
        """Start a script; what it writes to stderr goes to `log`. It must end well when its input does."""
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [str(python), str(script), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        try:
            with process:
                yield cls(process, log)
            assert process.returncode == 0, log.read_text()
        finally:
            process.kill()

    def tell(self, value: Any) -> None:
        """Give the script its next line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """The script's next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"The script said nothing more:\n{self._log.read_text()}"
        return json.loads(line)


class KitError(Exception):
    """What the client raised: the name of its class, and its fields."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error))
        self.kind: str = error["class"]
        self.status: int | None = error.get("status_code")
        self.code: str | None = error.get("code")
        self.payload: Any = error.get("payload")
        self.operation: Any = error.get("operation")


class Kit:
    """The client: its methods by name; objects in and out as JSON, `of` marks an object that goes in."""

    def __init__(self, script: KitScript) -> None:
        self._script = script

    def __call__(self, method: str, *arguments: Any, **options: Any) -> Any:
        """What a method of the client answers.

        Raises:
            KitError: the method raised an error.
        """
        self._script.tell({"method": method, "arguments": arguments, "options": options})
        answer = self._script.hear()
        if "error" in answer:
            raise KitError(answer["error"])
        return answer["value"]

    def refused(self, method: str, *arguments: Any, **options: Any) -> KitError:
        """The error of a call that must fail."""
        with pytest.raises(KitError) as caught:
            self(method, *arguments, **options)
        return caught.value


def of(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """An object of the client's class `kind`, by its path below toloka.client."""
    return {"$": kind, "value": value}
