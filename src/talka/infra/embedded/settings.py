"""The server's settings, from a laptop with two cores to a large server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psutil  # it ships no types

_MB = 1024 * 1024
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

# The port only names the socket's file: the server does not listen on the network.
PORT = 5432


def server_settings(socket: Path, *, durable: bool, overrides: Mapping[str, str]) -> dict[str, str]:
    """All settings that differ from PostgreSQL's defaults; `overrides` win.

    `durable=False` trades safety against power loss for speed: for tests only.
    """
    settings = _network(socket) | _memory(_memory_limit()) | _writing() | _planning() | _logging()
    if not durable:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "128MB",
        }
    return settings | dict(overrides)


def _network(socket: Path) -> dict[str, str]:
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "max_connections": "100",
    }


def _memory(total: int) -> dict[str, str]:
    # An eighth, not the usual quarter: API, web browser and crowd share the machine with the database.
    return {
        "shared_buffers": _megabytes(total // 8, 128, 8192),
        "effective_cache_size": _megabytes(total // 2, 256, 1024 * 1024),
        "work_mem": _megabytes(total // 1600, 4, 32),
        "maintenance_work_mem": _megabytes(total // 32, 64, 1024),
    }


def _writing() -> dict[str, str]:
    return {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",  # an acknowledged answer survives kill -9; group commit makes it cheap
        "wal_buffers": "16MB",
        "min_wal_size": "256MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "10min",
    }


def _planning() -> dict[str, str]:
    return {
        "random_page_cost": "1.1",  # solid-state disks
        # Short statements by the thousand: compiling one costs more than it saves whenever the planner errs.
        "jit": "off",
        "timezone": "UTC",
    }


def _logging() -> dict[str, str]:
    return {
        "log_destination": "stderr",
        "logging_collector": "off",  # the guard bounds the file
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "log_startup_progress_interval": "2s",
        "lc_messages": "C",
    }


def _megabytes(value: int, least: int, most: int) -> str:
    return f"{min(max(value // _MB, least), most)}MB"


def _memory_limit() -> int:
    """Bytes of memory that we may use: the machine's, or a container's share of it."""
    limits = [int(psutil.virtual_memory().total)]
    for path in _CGROUP_LIMITS:
        if path.is_file() and (text := path.read_text().strip()).isdigit():
            limits.append(int(text))
    return min(limits)
