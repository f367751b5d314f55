"""What can go wrong with the embedded database, each in one sentence that says what to do."""

from __future__ import annotations

import errno
from pathlib import Path


class EmbeddedPostgresError(Exception):
    """The embedded database cannot be started, reached or stopped; the message is one sentence for people."""


# Parts of PostgreSQL's own messages (always English here), and what a person can do about them.
_REMEDIES = (
    (
        "no space left on device",
        "The disk that holds {data} is full: free some space and start again; nothing stored was lost.",
    ),
    (
        "is not compatible with this version",
        "The data in {data} were written by another version of PostgreSQL: start them with the Talka that wrote "
        "them, or move them over with pg_dump.",
    ),
    (
        "pre-existing shared memory block",
        "Another PostgreSQL process still uses {data}: end it and start again.",
    ),
    (
        "could not create shared memory segment",
        "There is not enough memory for the database: end other programs or lower the setting shared_buffers.",
    ),
    (
        "could not map anonymous shared memory",
        "There is not enough memory for the database: end other programs or lower the setting shared_buffers.",
    ),
    (
        "unix-domain socket",
        "The database could not open its socket: see that the system's folder for temporary files can be "
        "written, or set TMPDIR to one that can.",
    ),
    (
        "unix socket",
        "The database could not open its socket: see that the system's folder for temporary files can be "
        "written, or set TMPDIR to one that can.",
    ),
    (
        "unrecognized configuration parameter",
        "A setting given for the database does not exist ({line}): correct it and start again.",
    ),
    (
        "invalid value for parameter",
        "A setting given for the database has a wrong value ({line}): correct it and start again.",
    ),
    (
        "could not look up effective user id",
        "This user id has no name on this system, which PostgreSQL needs: add it to /etc/passwd or run Talka as "
        "a user that has one.",
    ),
    (
        "permission denied",
        "The database may not use {data}: give that folder back to the user that owned it, or choose another one.",
    ),
)
# What a server says in passing, for example about somebody's SQL: never why it ended.
_IN_PASSING = (" LOG: ", " ERROR: ", " WARNING: ", " STATEMENT: ", " HINT: ")
_SEVERITIES = ("PANIC:", "FATAL:", "error:")


def explain_output(output: str, data: Path, log: Path) -> EmbeddedPostgresError:
    """Turn what PostgreSQL printed while it failed into one sentence; `log` is named where no remedy is known."""
    lines = [line for line in output.splitlines() if line.strip() and not any(word in line for word in _IN_PASSING)]
    for sign, remedy in _REMEDIES:
        for line in lines:
            if sign in line.lower():
                return EmbeddedPostgresError(remedy.format(data=data, line=_bare(line)))
    telling = [line for severity in _SEVERITIES for line in lines if severity in line]
    reason = _bare((telling or lines or ["it gave no reason"])[0])
    return EmbeddedPostgresError(f"The database does not run ({reason}): see {log}.")


def explain_os_error(error: OSError, directory: Path) -> EmbeddedPostgresError:
    """Turn a failed system call of ours into one sentence."""
    place = error.filename or directory
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        text = f"The disk that holds {place} is full: free some space and start again; nothing stored was lost."
    elif error.errno in (errno.EACCES, errno.EPERM):
        text = (
            f"Talka is not permitted to use {place}: run it as the user that owns {directory}, "
            "or choose another data folder."
        )
    elif error.errno == errno.EROFS:
        text = f"{place} cannot be written, its disk is mounted read-only: choose another data folder."
    elif error.errno in (errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP):
        text = f"{place} is in the way: move it, or choose another data folder."
    else:
        text = f"The system refused what the database needs ({error}): mend that and start again."
    return EmbeddedPostgresError(text)


def _bare(line: str) -> str:
    """A log line without its time and process."""
    for severity in _SEVERITIES:
        if severity in line:
            return line.split(severity, 1)[1].strip()
    return line.strip()
