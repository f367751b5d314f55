"""Compiled project versions: a version never changes, so each process compiles it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from talka.infra.db import Tx
from talka.projects import store
from talka.projects.fields import Checker, Specs, compile_checker, field_specs, hidden_names
from talka.projects.fields.file import FileSpec
from talka.projects.localization import translation, view_in, view_texts

_KEPT = 2_000
Key = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Version:
    """What tasks and answers of one project version are checked with, and what its workers see."""

    body: Mapping[str, Any]
    inputs: Specs
    outputs: Specs
    check_input: Checker
    check_output: Checker
    check_known: Checker
    hidden: frozenset[str]
    # The outputs that hold ids of attachments.
    files: frozenset[str]
    # Whether its interface speaks of proxies (`helper.proxy`, `{{proxy …}}`, `getProxyUrl`).
    proxied: bool
    # `view_spec`, `input_spec` (without hidden fields) and `output_spec`, ready to be put into an answer.
    page_spec: Mapping[str, orjson.Fragment]
    # The languages into which its interface is translated, and what a page has in those that somebody asked for.
    localized: frozenset[str]
    translations: dict[str, Mapping[str, orjson.Fragment]] = field(default_factory=dict)

    def page_spec_in(self, wanted: Sequence[str]) -> Mapping[str, orjson.Fragment]:
        """What a page has in the first of the wanted languages that there is."""
        entry = translation(self.body.get("localization_config"), wanted)
        language = entry.get("language")
        if language not in self.localized:
            return self.page_spec
        if language not in self.translations:
            view = view_in(self.body["task_spec"]["view_spec"], entry)
            self.translations[language] = {**self.page_spec, "view_spec": orjson.Fragment(orjson.dumps(view))}
        return self.translations[language]


def compile_version(body: Mapping[str, Any]) -> Version:
    """Compile a stored project document."""
    spec = body["task_spec"]
    inputs, outputs = field_specs(spec["input_spec"]), field_specs(spec["output_spec"])
    hidden = hidden_names(inputs)
    shown = {name: field for name, field in spec["input_spec"].items() if name not in hidden}
    page_spec = {
        "view_spec": orjson.Fragment(orjson.dumps(spec.get("view_spec"))),
        "input_spec": orjson.Fragment(orjson.dumps(shown)),
        "output_spec": orjson.Fragment(orjson.dumps(spec["output_spec"])),
    }
    return Version(
        body=body,
        inputs=inputs,
        outputs=outputs,
        check_input=compile_checker(inputs),
        check_output=compile_checker(outputs),
        check_known=compile_checker(outputs, partial=True),
        hidden=hidden,
        files=frozenset(name for name, field in outputs.items() if isinstance(field, FileSpec)),
        proxied=b"proxy" in orjson.dumps(spec.get("view_spec")).lower(),
        page_spec=page_spec,
        localized=_translated(body),
    )


def _translated(body: Mapping[str, Any]) -> frozenset[str]:
    """The languages in which the interface has texts of its own."""
    view = body["task_spec"].get("view_spec") or {}
    entries = (body.get("localization_config") or {}).get("additional_languages") or ()
    return frozenset(entry["language"] for entry in entries if view_texts(view, entry))


def recall(memory: Mapping[Any, Any], project_id: int, major: int, minor: int) -> Version | None:
    """One version of a project, if this process has it in its memory."""
    found: Version | None = memory.get(("project version", project_id, major, minor))
    return found


async def version(tx: Tx, project_id: int, major: int, minor: int) -> Version:
    """One version of a project, from this process's memory or the database."""
    key: Key = ("project version", project_id, major, minor)
    found = recall(tx.memory, project_id, major, minor)
    if found is None:
        found = compile_version(await store.version_body(tx, project_id, major, minor))
        if len(tx.memory) >= _KEPT:
            tx.memory.clear()
        tx.memory[key] = found
    return found


async def newest(tx: Tx, project_id: int, major: int) -> Version:
    """The newest version under a major one: what pools of that major version use."""
    return await version(tx, project_id, major, await store.newest_minor(tx, project_id, major))
