"""What OpenAPI says of every page and act is what they do."""

from __future__ import annotations

import inspect
import json
import re

import pytest

from instance.api import describe
from instance.app import FEATURES
from instance.web import JSON

OPERATIONS = [one for feature in FEATURES for one in feature.operations]
ASKED = re.compile(r"""request\.query(?:\.get\(|\[)"(\w+)\"""")


@pytest.fixture(scope="module")
def described():
    return describe(OPERATIONS)


def test_every_schema_that_is_pointed_to_is_there_and_named_without_our_files(described):
    pointed = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert pointed <= described["components"]["schemas"].keys()
    assert [one for one in pointed if re.search(r"instance|routes|views|models", one)] == []


def test_what_makes_something_is_described_with_201():
    wrong = [
        one.path
        for one in OPERATIONS
        if ("status=201" in inspect.getsource(one.handler)) != (one.status == 201)
    ]
    assert wrong == []


def test_every_query_parameter_that_a_page_reads_is_described(described):
    """A handler's own words and those of its file's helpers, such as a day or a page."""
    for operation in OPERATIONS:
        source = inspect.getsource(operation.handler)
        body = source[source.index("def ") :]
        assert set(ASKED.findall(body)) <= operation.query.keys(), operation.path
    for module in {inspect.getmodule(one.handler) for one in OPERATIONS}:
        declared = {
            name
            for one in OPERATIONS
            if inspect.getmodule(one.handler) is module
            for name in one.query
        }
        assert set(ASKED.findall(inspect.getsource(module))) <= declared, module.__name__
    parameters = described["paths"]["/week.json"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in parameters] == [
        ("from", "query", False)
    ]


async def test_what_is_not_json_is_at_its_own_address_alone(world, described):
    paths = [one.path for one in OPERATIONS if one.media != JSON]
    assert "/hours.csv" in paths
    assert described["paths"]["/hours.csv"]["get"]["responses"]["200"]["content"] == {
        "text/csv": {}
    }
    assert "/hours.csv.json" not in described["paths"]
    care = await world.instance("care")
    async with world.network.client() as client:
        async with client.get(f"{care.origin}/ns/skills.csv") as answer:
            assert answer.content_type == "text/csv"
            assert "Cookie" in answer.headers["Vary"]
        async with client.get(f"{care.origin}/ns/skills.csv.json") as answer:
            assert answer.status == 404
