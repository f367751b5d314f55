"""The document: what the routes say of themselves, joined with what the table says of their answers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from talka.app.openapi.calls import Call, Caller, Calls, Either, Given, Many, Parameter, Raw
from talka.app.openapi.parameters import of_listing, of_path
from talka.app.openapi.schemas import Shown, components
from talka.app.openapi.shapes import Error, WrongFields, WrongState
from talka.infra.http.docs import TAKES, Takes

_SCHEMES: Mapping[Caller, Any] = {
    "requester": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "A requester's key with the word before it: `ApiKey <key>`",
    },
    "worker": {"type": "http", "scheme": "bearer", "description": "A worker's token from registration or login"},
    "operator": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "An operator's key (`talka operator key create`) with the word before it: `ApiKey <key>`",
    },
}
_JSON = "application/json"
_REASONS = {
    200: "Done", 201: "Created", 202: "Accepted: the work is an operation", 204: "Done, or already so",
    206: "The part that was asked for", 304: "It has not changed", 400: "The input is wrong",
    401: "No valid credentials", 403: "Not allowed", 404: "There is no such thing",
    409: "The state of something does not allow it", 413: "Too large", 415: "The body is no JSON", 416: "No such part",
    429: "Too many requests", 500: "Our mistake", 503: "Something that is needed cannot be reached; nothing was done",
}  # fmt: skip
_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH")


@dataclass(frozen=True, slots=True)
class Route:
    """A route as far as the document needs it."""

    method: str
    path: str
    tag: str
    name: str
    text: str
    takes: Takes | None
    extra: Mapping[str, Any]

    @property
    def key(self) -> str:
        """As in the table."""
        return f"{self.method} {self.path}"


def routes(app: FastAPI) -> list[Route]:
    """The described routes of the application."""
    found: list[Route] = []
    for route in iter_route_contexts(app.routes):
        path = getattr(route, "path_format", None)
        if path is None or not getattr(route, "include_in_schema", False):
            continue
        extra = dict(getattr(route, "openapi_extra", None) or {})
        takes = extra.pop(TAKES, None)
        endpoint: Any = route.endpoint
        package, module = endpoint.__module__.split(".")[1:3]
        part = module.removesuffix("http").strip("_")
        name = ".".join(filter(None, (package if package != "app" else "", part, endpoint.__name__)))
        for method in sorted(route.methods or (), key=_METHODS.index):
            # One function may stand behind several methods, and behind files of several formats.
            unique = name + (path[path.rindex(".") :] if "." in path else "")
            if any(other.name == unique for other in found):
                unique = f"{unique}.{method.lower()}"
            text = inspect.getdoc(endpoint) or ""
            found.append(Route(method, path, str(route.tags[0]), unique, text, takes, extra))
    return found


def document(app: FastAPI, calls: Calls, tags: Sequence[Mapping[str, str]], about: str) -> dict[str, Any]:
    """The document of the application; routes that the table does not know have no answers in it."""
    described = [(route, calls[route.key]) for route in routes(app) if route.key in calls]
    references, schemas = components(_shapes(described))
    paths: dict[str, Any] = {}
    for route, call in described:
        paths.setdefault(route.path, {})[route.method.lower()] = _Operation(route, call, references).described()
    used = {route.tag for route, _ in described}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": app.title,
            "version": app.version,
            "description": about,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [dict(tag) for tag in tags if tag["name"] in used],
        "paths": paths,
        "components": {"securitySchemes": dict(_SCHEMES), "schemas": dict(sorted(schemas.items()))},
    }


def _models(given: Given) -> Sequence[type[BaseModel]]:
    if given is None or isinstance(given, Raw):
        return ()
    if isinstance(given, Many):
        return (given.model,)
    return given.models if isinstance(given, Either) else (given,)


def _shapes(described: Sequence[tuple[Route, Call]]) -> Iterator[Shown]:
    for shape in (Error, WrongFields, WrongState):
        yield shape, "serialization"
    for route, call in described:
        taken = route.takes or call.body
        if taken is not None:
            yield taken.model, "validation"
        if call.wrong is not None:
            yield call.wrong, "serialization"
        for given in call.gives.values():
            for model in _models(given):
                yield model, "serialization"


class _Operation:
    """One method of one path."""

    def __init__(self, route: Route, call: Call, references: Mapping[Shown, Any]) -> None:
        self.route, self.call, self.references = route, call, references
        self.takes = route.takes or call.body
        self.callers = _callers(route.path) if call.callers is None else call.callers

    def described(self) -> dict[str, Any]:
        summary, _, description = self.route.text.partition("\n")
        found: dict[str, Any] = {
            "tags": [self.route.tag],
            "summary": summary.rstrip("."),
            "operationId": self.route.name,
        }
        if description.strip():
            found["description"] = description.strip()
        parameters = self._parameters()
        if parameters:
            found["parameters"] = parameters
        body = self.route.extra.get("requestBody") or self._body()
        if body:
            found["requestBody"] = body
        found["responses"] = {
            **{str(status): self._answer(status, given) for status, given in self.call.gives.items()},
            **{str(status): self._refusal(status, codes) for status, codes in sorted(self._refusals().items())},
        }
        found["security"] = [{caller: []} for caller in self.callers]
        return found

    def _parameters(self) -> list[Any]:
        names = re.findall(r"{(\w+)}", self.route.path)
        found = [of_path(name, self.route.path) for name in names]
        if self.call.listing is not None:
            given = {parameter.name for parameter in self.call.query}
            found += [_shown(p) for p in of_listing(self.call.listing) if p.name not in given]
        found += [_shown(parameter) for parameter in self.call.query]
        return [*found, *self.route.extra.get("parameters", ())]

    def _body(self) -> dict[str, Any] | None:
        if self.takes is None:
            return None
        one = self.references[self.takes.model, "validation"]
        either = [one] if self.takes.one else []
        if self.takes.many:
            either.append({"type": "array", "items": one, "minItems": 1})
        content: dict[str, Any] = {"schema": either[0] if len(either) == 1 else {"anyOf": either}}
        if self.call.example is not None:
            content["example"] = self.call.example
        return {"required": True, "content": {_JSON: content}}

    def _answer(self, status: int, given: Given) -> dict[str, Any]:
        if given is None:
            return {"description": _REASONS[status]}
        if isinstance(given, Raw):
            return {"description": given.description, "content": {given.media_type: {"schema": {}}}}
        either = [self.references[model, "serialization"] for model in _models(given)]
        schema = either[0] if len(either) == 1 else {"anyOf": either}
        if isinstance(given, Many):
            schema = {"type": "array", "items": schema}
        return {"description": _REASONS[status], "content": {_JSON: {"schema": schema}}}

    def _refusals(self) -> dict[int, list[str]]:
        """The codes of each status with which the call can be refused."""
        found = {429: ["TOO_MANY_REQUESTS"], 500: ["INTERNAL_ERROR"], 503: ["REMOTE_SERVICE_UNAVAILABLE"]}
        body = self.takes is not None or "requestBody" in self.route.extra
        if not self.route.path.startswith("/api/"):
            return {}
        if self.callers:
            found[401] = ["AUTHENTICATION_ERROR"]
            found[403] = ["ACCESS_DENIED"]
        if body or self.call.query or self.call.listing is not None or "parameters" in self.route.extra:
            found[400] = ["VALIDATION_ERROR"]
        if "{" in self.route.path:
            found[404] = ["DOES_NOT_EXIST"]
        if body:
            found[413] = ["ENTITY_TOO_LARGE"]
        if self.takes is not None:
            found[415] = ["UNSUPPORTED_MEDIA_TYPE"]
        if self.call.conflicts:
            found[409] = list(self.call.conflicts)
        for status, codes in self.call.refuses.items():
            found[status] = [*found.get(status, ()), *codes]
        return found

    def _refusal(self, status: int, codes: Sequence[str]) -> dict[str, Any]:
        models: dict[int, type[BaseModel]] = {400: self.call.wrong or WrongFields, 409: WrongState}
        model = models.get(status, Error)
        schema = {
            **self.references[model, "serialization"],
            "properties": {"code": {"enum": list(dict.fromkeys(codes))}},
        }
        return {"description": _REASONS[status], "content": {_JSON: {"schema": schema}}}


def _callers(path: str) -> Sequence[Caller]:
    if path.startswith("/api/worker/"):
        return ("worker",)
    if path.startswith("/api/operator/"):
        return ("operator",)
    return ("requester",) if path.startswith("/api/") else ()


def _shown(parameter: Parameter) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }
    if parameter.required:
        shown["required"] = True
    if parameter.schema.get("type") == "array":
        shown |= {"style": "form", "explode": False}
    return shown
