"""Runs a function in a process of its own, so that its CPU is its own and its interpreter does nothing else."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")
_GRACE = 5.0


def in_own_process(function: Callable[[Argument], Result], argument: Argument) -> Result:
    """The function's result; function, argument and result must be picklable.

    The process is gone when this returns or raises. An error in it is raised here; EOFError where it died without one.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, function, argument), daemon=True)
    process.start()
    theirs.close()
    try:
        error, result = ours.recv()
    finally:
        process.terminate()
        process.join(_GRACE)
        ours.close()
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]  # what came through the pipe is what the function returned


def _serve(pipe: Connection, function: Callable[[Any], Any], argument: Any) -> None:
    # Ctrl-C reaches the whole process group; the parent decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pipe.send((None, function(argument)))
    except Exception as error:  # raised again in the parent
        pipe.send((error, None))
    pipe.close()
