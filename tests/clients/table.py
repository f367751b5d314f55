"""The table of what works with the published client, from what the scenarios have shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMS = ("TolokaClient", "AsyncTolokaClient", "AsyncMultithreadWrapper")
SLIP = "the client waits for a status `ARCHIEVED`, which is none; use `on_status_change`"
HEALTHY = "a healthy server never answers so"
OTHER_SERVICE = "needs a service of its own, never talks to Talka"
NOT_SHOWN: Mapping[str, str] = {
    "streaming.observer.PoolStatusObserver.on_archieved": SLIP,
    "streaming.locker.ZooKeeperLocker": f"{OTHER_SERVICE} (ZooKeeper)",
    "exceptions.InternalApiError": HEALTHY,
    "exceptions.RemoteServiceUnavailableApiError": HEALTHY,
    "exceptions.SpecClassIdentificationError": HEALTHY,
}
"""What no scenario shows, and why."""

TITLES = {
    "streaming": "Streaming",
    "metrics": "Metrics",
    "template_builder": "Template Builder",
    "quality_control": "Quality control",
    "pool": "Settings of pools",
    "project": "Settings of projects",
    "filter": "Filters",
    "field_spec": "Fields",
    "view_spec": "Task interfaces",
    "analytics_request": "Numbers about pools",
    "exceptions": "Errors",
}
INTRODUCTION = """\
# Compatibility with the published clients

Talka speaks the API that the published Python client `toloka-kit` 1.2.3 and the Java SDK were written for. Give the
client the address of your server:

```python
client = toloka.TolokaClient(api_key, url="http://127.0.0.1:8080")
```

This page is written by the tests (`tests/clients/test_compatibility.py`): each line below was called on a running
server, with workers who answer on the other side, and what came back was compared by value and type. Every list was
also read with each of its filters, ranges and orders. {works} of {all} public methods and classes work.
"""
JAVA = """\
## Java SDK

What the Java SDK relies on beyond that is checked on the wire (`tests/api/test_java_wire.py`): exact statuses (201 for
what is created, 202 for what is started, 204 for what is already so, 200 for what is changed), dates of 19 or 23
characters without a zone, a slash at the end of a path, `null` for what is absent, whole numbers as keys of batches,
single webhook subscriptions, and a body with a `code` for every refusal.
"""
EXTRAS = """\
## Not called

`toloka.autoquality` and `toloka.metrics.jupyter_dashboard` need extras of the client (`crowd-kit`, `plotly`). They
call nothing but the methods above.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """The public names of the client by area, and the runs of all scenarios."""

    surface: Mapping[str, Sequence[str]]
    runs: Sequence[Mapping[str, Any]]

    def shown(self) -> dict[str, str]:
        """For each name the scenario that has shown it first."""
        found: dict[str, str] = {}
        for run in self.runs:
            if run["failure"] is None:
                for name in run["shown"]:
                    found.setdefault(name, run["scenario"])
        return found

    def _names(self) -> list[str]:
        return [name for names in self.surface.values() for name in names]

    def missing(self) -> set[str]:
        """Public names that no scenario has shown."""
        return set(self._names()) - set(self.shown())

    def unknown(self) -> set[str]:
        """Names that scenarios say they have shown and that are none."""
        return {name for run in self.runs for name in run["shown"]} - set(self._names())

    def counts(self) -> tuple[int, int]:
        """How many names work, of how many."""
        return len(self._names()) - len(self.missing()), len(self._names())


def document(report: Report) -> str:
    """The page of the documentation."""
    works, everything = report.counts()
    parts = [INTRODUCTION.format(works=works, all=everything), *_methods(report)]
    for area, title in TITLES.items():
        parts += [f"## {title}\n", *_rows(report, area)]
    return "\n".join([*parts, JAVA, EXTRAS]).rstrip() + "\n"


def _methods(report: Report) -> Iterator[str]:
    shown = report.shown()
    yield "## Methods\n"
    yield "| method | " + " | ".join(f"`{form}`" for form in FORMS) + " | shown by |"
    yield "|---|---|---|---|---|"
    for name in report.surface[FORMS[0]]:
        method = name.partition(".")[2]
        names = [f"{form}.{method}" for form in FORMS]
        by = next((shown[each] for each in names if each in shown), None) or _why(names[0])
        yield f"| `{method}` | " + " | ".join("yes" if each in shown else "no" for each in names) + f" | {by} |"
    yield ""


def _rows(report: Report, area: str) -> Iterator[str]:
    shown = report.shown()
    yield "| name | works | shown by |"
    yield "|---|---|---|"
    for name in report.surface[area]:
        works = "yes" if name in shown else "no"
        yield f"| `{_short(name, area)}` | {works} | {shown.get(name) or _why(name)} |"
    yield ""


def _short(name: str, area: str) -> str:
    return name.removeprefix(f"{area}.") if area != "quality_control" else name


def _why(name: str) -> str:
    return f"not shown: {NOT_SHOWN.get(name, 'its scenario fails')}"
