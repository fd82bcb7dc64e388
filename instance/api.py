"""OpenAPI 3.1: every page and act, described from the same Structs that they read and show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from instance import __version__
from instance.web import CSV, JSON, OPERATIONS, Operation, json_response

_FILES = {"routes", "views", "models", "service"}
_POINTS = "#/components/schemas/"
_PLACE = re.compile(r"{(\w+)(?::[^{}]*(?:{[^{}]*}[^{}]*)*)?}")


async def show_openapi(request: web.Request) -> web.Response:
    """Answer the description of everything that can be asked here."""
    return json_response(describe(request.app[OPERATIONS]))


def describe(operations: list[Operation]) -> dict[str, Any]:
    """Write the OpenAPI document of a list of operations."""
    structs = [one for operation in operations for one in (operation.form, operation.view) if one]
    schemas, components = msgspec.json.schema_components(structs, ref_template=_POINTS + "{name}")
    known = dict(zip(map(repr, structs), schemas, strict=True))
    names = {name: _short(name) for name in components if "." in name}
    known, components = _renamed((known, components), names)
    paths: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    for operation in operations:
        path = _PLACE.sub(r"{\1}", operation.path) + (".json" if operation.media == JSON else "")
        described = _describe(operation, known)
        if described["operationId"] in used:  # one handler serves several addresses
            described["operationId"] += "." + operation.path.split("/")[1]
        used.add(described["operationId"])
        paths.setdefault(path, {})[operation.method.lower()] = described
        for name, label in operation.lists.items():
            path = _PLACE.sub(r"{\1}", operation.list_path(name))
            paths[path] = {"get": _as_file(described, f"{label}, as a file", name)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ayni", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe(operation: Operation, known: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "As asked."}
    if operation.view:
        answer["content"] = {JSON: {"schema": known[repr(operation.view)]}}
    elif operation.media != JSON:
        answer["content"] = {operation.media: {}}
    described: dict[str, Any] = {
        "operationId": f"{operation.feature}.{operation.handler.__name__}",
        "tags": [operation.feature],
        "summary": operation.summary,
        "x-scope": operation.scope,
        "responses": {
            str(operation.status): answer,
            "default": {
                "description": "A problem (RFC 9457).",
                "content": {"application/problem+json": {}},
            },
        },
    }
    parameters = [_parameter(name) for name in _PLACE.findall(operation.path)]
    for name, meaning in operation.query.items():
        parameters.append(_parameter(name, "query") | {"description": meaning})
    if parameters:
        described["parameters"] = parameters
    if operation.scope != "public":
        described["security"] = [{"bearer": []}]
    if operation.form:
        schema = known[repr(operation.form)]
        described["requestBody"] = {"content": {JSON: {"schema": schema}}}
    return described


def _as_file(page: dict[str, Any], summary: str, name: str) -> dict[str, Any]:
    answers = page["responses"] | {"200": {"description": "As asked.", "content": {CSV: {}}}}
    operation = f"{page['operationId']}.{name}"
    return page | {"operationId": operation, "summary": summary, "responses": answers}


def _parameter(name: str, place: str = "path") -> dict[str, Any]:
    required = place == "path"
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}


def _short(name: str) -> str:
    """Name a Struct that has namesakes by its feature: programs do not care where files lie."""
    _, feature, *places, last = name.split(".")
    return ".".join([feature, *(one for one in places if one not in _FILES), last])


def _renamed(described: Any, names: Mapping[str, str]) -> Any:
    """Rename schemas, and whatever points to them, throughout."""
    match described:
        case dict():
            return {names.get(key, key): _renamed(one, names) for key, one in described.items()}
        case list() | tuple():
            return [_renamed(one, names) for one in described]
        case str() if described.startswith(_POINTS):
            name = described.removeprefix(_POINTS)
            return _POINTS + names.get(name, name)
    return described
