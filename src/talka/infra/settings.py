"""Settings of a Talka process: flags, then TALKA_… variables, then talka.toml, then these defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


class SettingsError(Exception):
    """A setting has a value that cannot be used; the message says which and what is expected."""


@dataclass(frozen=True)
class Settings:
    """What an operator can set. Sizes in bytes, times in seconds, money in percent."""

    data: Path = Path("talka-data")
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    base_url: str | None = None
    sandbox: bool = False
    workers: int = 1
    fee_percent: Decimal = Decimal(0)
    open_registration: bool = True
    requests_per_second: int = 300
    # Of one login, so that passwords cannot be guessed; 0 for no limit.
    sign_ins_per_minute: int = 20
    # The documented quotas by minute, hour and day, such as 20 pools a minute.
    quotas: bool = False
    # Other numbers than the documented ones: "CREATE_POOLS/MINUTE=50, CREATE_TASKS/DAY=0"; 0 for no limit.
    quota_limits: str = ""
    # A pool from which so many pages were issued closes; 0 is no limit.
    max_pool_assignments: int = 2_000_000
    # Closed pools with which nothing happens for 30 (some for 90) days are archived.
    archive_idle_pools: bool = True
    max_body_bytes: int = 64 * 1024 * 1024
    attachments_url: str | None = None
    # Of all files of one page together.
    max_attachment_bytes: int = 1024 * 1024 * 1024
    # Of one worker; 0 for no limit.
    uploads_per_day: int = 1000
    upload_bytes_per_day: int = 10 * 1024 * 1024 * 1024
    # Private networks and hosts that requesters' servers may be in: "10.0.0.0/8, files.internal".
    outbound_allowed: str = ""
    hot_connections: int = 8
    connections: int = 12
    log_format: str = "text"
    log_level: str = "info"

    def public_url(self) -> str:
        """The address under which people and programs reach this server."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return (self.base_url or f"http://{host}:{self.port}").rstrip("/")

    def as_environment(self) -> dict[str, str]:
        """The same settings as TALKA_… variables, for child processes."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {f"TALKA_{name.upper()}": str(value) for name, value in pairs if value is not None}


_WORDS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def _boolean(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError("true or false")
    return _WORDS[text.lower()]


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("a number") from error
    if not 0 <= value <= 100:
        raise ValueError("a percentage from 0 to 100")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError("0 or more")
    return value


_READERS: Mapping[str, Any] = {"Path": Path, "int": _count, "bool": _boolean, "Decimal": _decimal}


def _read(name: str, kind: str, value: Any) -> Any:
    reader = _READERS.get(kind, str)
    try:
        return reader(str(value))
    except ValueError as error:
        raise SettingsError(f"The setting {name} has the value {value!r}; expected {error}") from error


def load(**flags: Any) -> Settings:
    """The settings in force; a flag that is None was not given.

    Raises:
        SettingsError: naming the setting and what is expected.
    """
    kinds = {field.name: str(field.type).split(" |")[0] for field in fields(Settings)}
    values: dict[str, Any] = {}
    path = Path(os.environ.get("TALKA_CONFIG", "talka.toml"))
    if path.is_file():
        try:
            found = tomllib.loads(path.read_text())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} is not valid TOML: {error}") from error
        unknown = sorted(set(found) - set(kinds))
        if unknown:
            raise SettingsError(f"{path} has settings that do not exist: {', '.join(unknown)}")
        values.update({name: _read(name, kinds[name], value) for name, value in found.items()})
    for name, kind in kinds.items():
        text = os.environ.get(f"TALKA_{name.upper()}")
        if text is not None and text != "":
            values[name] = _read(f"TALKA_{name.upper()}", kind, text)
    values.update({name: value for name, value in flags.items() if value is not None})
    return replace(Settings(), **values)
