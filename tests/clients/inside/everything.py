"""Runs in the client's environment: everything public in the client, and every scenario in every form of the client.

Says JSON lines: first the public names by area, then what each scenario has shown.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import warnings
from importlib import import_module
from typing import Any

CALLING = ("definitions", "work", "people", "apps")
"""Scenarios that call the client's methods; they run once for each of its forms."""
ONCE = ("streams", "numbers", "interfaces", "rules", "wholes", "refusals")


def say(value: Any) -> None:
    """A line for the test."""
    print(json.dumps(value), flush=True)


def main(url: str, key: str, wanted: set[str]) -> None:
    """Run all scenarios, or those whose function or module is named."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    toloka = import_module("toloka.client")
    journal = import_module("scenarios.journal")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    world = journal.World(url, key, loop, plain=toloka.TolokaClient(key, url=url))
    say({"surface": import_module("scenarios.surface").surface()})

    def run(module: str) -> None:
        import_module(f"scenarios.{module}")
        for scenario in journal.SCENARIOS:
            if scenario.module == module and (not wanted or wanted & {module, scenario.name}):
                say(journal.Journal.of(scenario, world))

    for way in world.ways():
        world.use(way)
        for module in CALLING:
            run(module)
    for module in ONCE:
        run(module)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], set(sys.argv[3:]))
