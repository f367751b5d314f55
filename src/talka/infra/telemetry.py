"""Structured logs: one line per event, as text for people or JSON for machines."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import structlog

from talka.infra import clock


def configure_logs(log_format: str, level: str) -> None:
    """Send logs to standard error, as `text` or `json`, from `level` (debug, info, warning, error) up."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(format="%(message)s", stream=sys.stderr, level=max(threshold, logging.WARNING))
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def request_logger(log_format: str, level: str) -> Callable[[Mapping[str, Any]], None]:
    """What writes one line per request: by hand, since it runs a thousand times a second."""
    if logging.getLevelNamesMapping().get(level.upper(), logging.INFO) > logging.INFO:
        return lambda _: None
    write = sys.stderr.write

    def as_json(fields: Mapping[str, Any]) -> None:
        line = {**fields, "event": "request", "level": "info", "timestamp": clock.wall().isoformat()}
        write(orjson.dumps(line).decode() + "\n")

    def as_text(fields: Mapping[str, Any]) -> None:
        shown = " ".join(f"{name}={value}" for name, value in fields.items())
        write(f"{clock.wall().isoformat()} [info] request {shown}\n")

    return as_json if log_format == "json" else as_text
