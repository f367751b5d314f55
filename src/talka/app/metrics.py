"""Where several server processes put their figures, so that any of them can show the sum."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def shared_directory() -> Path | None:
    """The folder, when there is one."""
    value = os.environ.get(VARIABLE)
    return Path(value) if value else None
