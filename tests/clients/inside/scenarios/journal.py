"""Which parts of the client which scenario has shown to work, and clients that note every call."""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
import traceback
import typing
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import toloka.client as toloka
from toloka.async_client import AsyncTolokaClient
from toloka.util.async_utils import AsyncMultithreadWrapper

SCENARIOS: list[Scenario] = []
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that the client does; `said` says in the table what it shows."""

    module: str
    name: str
    said: str
    run: Callable[[World], None]


def scenario(function: Callable[[World], None]) -> Callable[[World], None]:
    """A function as a scenario; the first line of its docstring is what it shows."""
    SCENARIOS.append(Scenario(_module(function), function.__name__, inspect.getdoc(function) or "", function))
    return function


def named_scenario(name: str, said: str, run: functools.partial[None]) -> None:
    """One of several scenarios that differ in what they are about."""
    SCENARIOS.append(Scenario(_module(run.func), name, said, run))


def _module(function: Any) -> str:
    return str(function.__module__).rpartition(".")[2]


@dataclass(slots=True)
class Journal:
    """What the scenario that is running has shown so far."""

    shown: list[str] = field(default_factory=list)

    def note(self, name: str) -> None:
        """A part of the client has done what it should."""
        if name not in self.shown:
            self.shown.append(name)

    @classmethod
    def of(cls, run: Scenario, world: World) -> dict[str, Any]:
        """Run a scenario; what it has shown, and its failure if it failed."""
        journal = world.journal = cls()
        began = time.monotonic()
        failure = None
        try:
            run.run(world)
        except Exception:
            failure = traceback.format_exc()
        seconds = round(time.monotonic() - began, 1)
        said = {"module": run.module, "scenario": run.said, "function": run.name}
        return {**said, "shown": journal.shown, "failure": failure, "seconds": seconds}


class Blocking:
    """`TolokaClient` itself."""

    prefix = "TolokaClient"

    def __init__(self, client: Any) -> None:
        self._client = client

    def call(self, name: str, /, *arguments: Any, **options: Any) -> Any:
        """What the method answers; a generator is read to its end."""
        answer = getattr(self._client, name)(*arguments, **options)
        return list(answer) if inspect.isgenerator(answer) else answer


class Awaiting:
    """A client whose methods are awaited, as blocking calls on an event loop of its own."""

    def __init__(self, prefix: str, client: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.prefix = prefix
        self._client = client
        self._loop = loop

    def call(self, name: str, /, *arguments: Any, **options: Any) -> Any:
        """What the method answers in the end; a generator, asynchronous or not, is read to its end."""
        return self._loop.run_until_complete(self._answer(name, arguments, options))

    async def _answer(self, name: str, arguments: Any, options: Any) -> Any:
        answer = getattr(self._client, name)(*arguments, **options)
        if hasattr(answer, "__aiter__"):
            return [element async for element in answer]
        answer = await answer
        return list(answer) if inspect.isgenerator(answer) else answer


class Calls:
    """A client as scenarios use it: notes each method that answered with the type that it declares."""

    def __init__(self, way: Blocking | Awaiting, world: World) -> None:
        self._way = way
        self._world = world

    def __getattr__(self, name: str) -> Callable[..., Any]:
        declared = inspect.signature(getattr(toloka.TolokaClient, name)).return_annotation

        def call(*arguments: Any, **options: Any) -> Any:
            answer = self._way.call(name, *arguments, **options)
            assert fits(answer, declared), f"{name} answered {answer!r}, not {declared}"
            self._world.journal.note(f"{self._way.prefix}.{name}")
            return answer

        return call


def fits(value: Any, declared: Any) -> bool:
    """Whether a value is what an annotation of the client declares."""
    if declared is None or declared is type(None):
        return value is None
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin is typing.Union:
        return any(fits(value, argument) for argument in arguments)
    if origin is not None and arguments:  # generators are read into lists
        return isinstance(value, list) and all(fits(element, arguments[0]) for element in value)
    return isinstance(value, declared)


@dataclass(slots=True)
class World:
    """A server and the ways to call it."""

    url: str
    key: str
    loop: asyncio.AbstractEventLoop
    plain: Any = None
    """A client whose calls are not noted, for what a scenario only needs."""
    client: Any = None
    thorough: bool = True
    """Whether lists are tried with every parameter: their requests are the same for each form of the client."""
    journal: Journal = field(default_factory=Journal)

    def ways(self) -> list[Blocking | Awaiting]:
        """The client in each of its forms."""
        clients = [toloka.TolokaClient(self.key, url=self.url) for _ in range(3)]
        wrapped = AsyncMultithreadWrapper(clients[2], loop=self.loop)
        return [
            Blocking(clients[0]),
            Awaiting("AsyncTolokaClient", AsyncTolokaClient.from_sync_client(clients[1]), self.loop),
            Awaiting("AsyncMultithreadWrapper", wrapped, self.loop),
        ]

    def use(self, way: Blocking | Awaiting) -> None:
        """Let the next scenarios call in this way."""
        self.thorough = way.prefix == Blocking.prefix
        self.client = Calls(way, self)

    def run(self, awaitable: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine answers."""
        return self.loop.run_until_complete(awaitable)

    def until(self, found: Callable[[], Any], what: str) -> Any:
        """What is found once it is there."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            value = found()
            if value:
                return value
            time.sleep(0.1)
        raise TimeoutError(what)


def refused(kind: type[Exception], call: Callable[[], Any]) -> Any:
    """The error of this class, and no other, with which a call must fail."""
    try:
        answer = call()
    except Exception as error:
        if type(error) is kind:
            return error
        raise
    raise AssertionError(f"{answer!r} came instead of {kind.__name__}")


def same(found: Any, expected: Any) -> None:
    """Two values are equal and of one type."""
    assert type(found) is type(expected), f"{type(found)} is not {type(expected)}"
    assert found == expected, f"{found!r}\nis not\n{expected!r}"
