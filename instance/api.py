"""OpenAPI 3.1: every page and act, described from the same Structs that they read and show."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from aiohttp import web

from instance import __version__
from instance.web import OPERATIONS, Operation, json_response

_PLACE = re.compile(r"{(\w+)(?::[^{}]*(?:{[^{}]*}[^{}]*)*)?}")


async def show_openapi(request: web.Request) -> web.Response:
    """Answer the description of everything that can be asked here."""
    return json_response(describe(request.app[OPERATIONS]))


def describe(operations: list[Operation]) -> dict[str, Any]:
    """Write the OpenAPI document of a list of operations."""
    structs = [one for operation in operations for one in (operation.form, operation.view) if one]
    schemas, components = msgspec.json.schema_components(
        structs, ref_template="#/components/schemas/{name}"
    )
    known = dict(zip(map(repr, structs), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    for operation in operations:
        path = _PLACE.sub(r"{\1}", operation.path) + ".json"
        described = _describe(operation, known)
        if described["operationId"] in used:  # one handler serves several addresses
            described["operationId"] += "." + operation.path.split("/")[1]
        used.add(described["operationId"])
        paths.setdefault(path, {})[operation.method.lower()] = described
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
        answer["content"] = {"application/json": {"schema": known[repr(operation.view)]}}
    described: dict[str, Any] = {
        "operationId": f"{operation.feature}.{operation.handler.__name__}",
        "tags": [operation.feature],
        "summary": operation.summary,
        "x-scope": operation.scope,
        "responses": {
            "200": answer,
            "default": {
                "description": "A problem (RFC 9457).",
                "content": {"application/problem+json": {}},
            },
        },
    }
    names = _PLACE.findall(operation.path)
    if names:
        described["parameters"] = [_parameter(name) for name in names]
    if operation.scope != "public":
        described["security"] = [{"bearer": []}]
    if operation.form:
        schema = known[repr(operation.form)]
        described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return described


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
