"""Runs in the client's environment: calls of the published client come as JSON lines, answers go back as such.

A call is `{"method", "arguments", "options"}`; `{"$": "Pool", "value": {…}}` in it stands for an object of the client.
An answer is `{"value": …}` with objects as the client would send them, or `{"error": {"class", …}}`.
"""

from __future__ import annotations

import json
import sys
from functools import reduce
from types import GeneratorType
from typing import Any

import pandas
import toloka.client
from toloka.client._converter import structure, unstructure


def received(value: Any) -> Any:
    """JSON with the client's objects in it."""
    if isinstance(value, list):
        return [received(element) for element in value]
    if isinstance(value, dict) and "$" in value:
        kind = reduce(getattr, value["$"].split("."), toloka.client)
        return structure(value["value"], kind)
    if isinstance(value, dict):
        return {key: received(element) for key, element in value.items()}
    return value


def sent(value: Any) -> Any:
    """JSON for what the client answered."""
    if isinstance(value, pandas.DataFrame):
        return json.loads(value.to_json(orient="records"))
    if hasattr(value, "_asdict"):
        return {name: sent(part) for name, part in value._asdict().items()}
    if isinstance(value, (list, GeneratorType)):
        return [sent(element) for element in value]
    return unstructure(value)


def failure(error: Exception) -> dict[str, Any]:
    """The class of an error and what it carries."""
    kept = {name: value for name, value in vars(error).items() if not name.startswith("_") and name != "response"}
    return {"class": type(error).__name__, **unstructure(kept)}


def main(url: str, key: str) -> None:
    """Answer every line of stdin."""
    client = toloka.client.TolokaClient(key, url=url)
    for line in sys.stdin:
        call = json.loads(line)
        try:
            method = getattr(client, call["method"])
            answer = {"value": sent(method(*received(call["arguments"]), **received(call["options"])))}
        except (toloka.client.exceptions.ApiError, toloka.client.exceptions.FailedOperation) as error:
            answer = {"error": failure(error)}
        print(json.dumps(answer, default=float), flush=True)


if __name__ == "__main__":
    main(url=sys.argv[1], key=sys.argv[2])
