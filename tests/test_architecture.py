"""That imports point down the ranks, and the two libraries know nobody above them.

Every rule is shown a file that breaks it, too: one that lets its own bad example pass is no rule.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import networkx as nx
import pytest

import federation
import matching
from tests.sources import PACKAGES, ROOT, Rule, Source, faults, sources

# Low to high: a feature calls those before it and is told of by events from those after it.
FEATURES = (
    "transparency",
    "network",
    "policy",
    "skills",
    "people",
    "consent",
    "agenda",
    "groups",
    "ledger",
    "alliances",
    "governance",
    "jobs",
    "follows",
    "polls",
    "enquiries",
    "loans",
    "staffing",
    "records",
    "moderation",
    "spreadsheets",
    "credentials",
    "storefront",
    "commons",
    "notices",
    "home",
)

# Frame files that know the features; all other frame files are known by them.
FRAME_ABOVE = {
    "__main__": "starts the command line",
    "app": "the table of features, receivers and subscribers",
    "cli": "commands call the features' services",
    "commands": "the parts of the command line",
    "courier": "the background loop runs the features' handlers",
    "demo": "peoples the example world through public services",
    "directory": "tells federation who lives here",
    "received": "the table of who receives what",
    "told": "the table of who is told of what",
    "migrations": "compares the database with every feature's tables",
}

FEDERATION_MAY_IMPORT = {
    "federation",
    "aiohttp",
    "yarl",
    "multidict",
    "cryptography",
    "msgspec",
    "rfc8785",
}
MATCHING_MAY_IMPORT = {"matching", "networkx", "msgspec", "numpy", "scipy", "ortools"}
IMPURE = {
    "os",
    "random",
    "secrets",
    "time",
    "uuid",
    "socket",
    "http",
    "urllib",
    "sqlite3",
    "asyncio",
}

# What a file of a feature may import: from its own folder all but these, from lower features
# only these.
NOT_FROM_OWN = {
    "models": {"service", "routes", "activities"},
    "service": {"routes", "activities"},
    "activities": {"routes"},
    "routes": set(),
}
FROM_LOWER = {"models": set(), "events": set(), "routes": {"service"}}
USUAL_FROM_LOWER = {"service", "events"}

# An address is a value like a date: events and services carry it without speaking ActivityPub.
VALUES_OF_FEDERATION = {"federation.Iri"}
FEDERATION_DOORS = {"federation", "federation.proofs", "federation.errors"}
FEDERATION_READERS = {
    "groups.keyfile": "reads and writes what a person's own key has signed",
    "groups.moving_wire": "the part of groups' activities that is about accounts that move",
    "network.keys": "keeps the keys of our actors, which federation writes and uses",
    "network.peers": "shows the health of peers, and what was decided about them",
    "network.service": "shows the health of peers, which federation keeps",
}
HTTP = {"aiohttp", "yarl", "jinja2"}


def root_of(name: str) -> str:
    return name.partition(".")[0]


def place(module: str) -> tuple[str | None, str]:
    """Say which feature a module belongs to (None: the frame) and by which of its files."""
    _, first, second, *_ = [*module.split("."), "__init__", "__init__"]
    return (first, second) if first in FEATURES else (None, first)


def federation_keeps_to_its_libraries(source: Source) -> Iterator[str]:
    if root_of(source.module) != "federation":
        return
    allowed = FEDERATION_MAY_IMPORT | sys.stdlib_module_names
    if re.match(r"federation\.sql\b", source.module):
        allowed = allowed | {"sqlalchemy"}
    for line, name in source.imports:
        if root_of(name) not in allowed:
            yield f"{line}: federation may not import {name}"


def matching_keeps_to_its_libraries_and_is_pure(source: Source) -> Iterator[str]:
    if root_of(source.module) != "matching":
        return
    for line, name in source.imports:
        if root_of(name) not in MATCHING_MAY_IMPORT | sys.stdlib_module_names - IMPURE:
            yield f"{line}: matching may not import {name}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "random"}:
            yield f"{node.lineno}: the clock and the lot come in as data, not by .{node.attr}"


def imports_point_down_the_ranks(source: Source) -> Iterator[str]:
    if root_of(source.module) != "instance":
        return
    feature, file = place(source.module)
    for line, name in source.imports:
        if root_of(name) != "instance":
            continue
        other, part = place(name)
        if feature is None:
            fault = frame_fault(file, other, part)
        elif other is None:
            fault = part in FRAME_ABOVE or (file == "events")
        elif other == feature:
            fault = file == "events" or part in NOT_FROM_OWN.get(file, {"routes"})
        else:
            lower = FEATURES.index(other) < FEATURES.index(feature)
            fault = not lower or part not in FROM_LOWER.get(file, USUAL_FROM_LOWER)
        if fault:
            yield f"{line}: {source.module} may not import {name}"


def frame_fault(file: str, other: str | None, part: str) -> bool:
    if file in FRAME_ABOVE:
        return False
    return other is not None or part in FRAME_ABOVE


def each_file_of_a_feature_keeps_to_its_trade(source: Source) -> Iterator[str]:
    if root_of(source.module) != "instance" or (where := place(source.module))[0] is None:
        return
    file = where[1]
    for line, name in source.imports:
        package = root_of(name)
        if package == "federation" and not may_speak_activitypub(".".join(where), name):
            yield f"{line}: only activities.py speaks ActivityPub, by public names: {name}"
        if package == "matching" and file in {"models", "events", "routes", "activities"}:
            yield f"{line}: {file}.py has no business with {name}"
        if package in HTTP and file != "routes":
            yield f"{line}: only routes.py knows HTTP and pages: {name}"
        if package == "sqlalchemy" and file in {"events", "routes", "activities"}:
            yield f"{line}: {file}.py reads and writes rows through service.py: {name}"


def may_speak_activitypub(module: str, name: str) -> bool:
    if name in VALUES_OF_FEDERATION or module in FEDERATION_READERS:
        return True
    files = {f"federation.{path.stem}" for path in (ROOT / "federation").glob("*")}
    behind_a_door = ".".join(name.split(".")[:2]) in files - FEDERATION_DOORS
    return module.endswith(".activities") and not behind_a_door


RULES: tuple[Rule, ...] = (
    federation_keeps_to_its_libraries,
    matching_keeps_to_its_libraries_and_is_pure,
    imports_point_down_the_ranks,
    each_file_of_a_feature_keeps_to_its_trade,
)

GOOD = (
    ("federation/sql.py", "import sqlalchemy\nimport federation.errors"),
    ("matching/solve.py", "import datetime\nimport networkx\nimport concurrent.futures"),
    (
        "instance/jobs/service.py",
        "from instance.jobs import models, recurrence\nfrom instance.people import service",
    ),
    (
        "instance/jobs/service.py",
        "import matching\nfrom instance.db import Tx\nfrom instance.groups.events import X",
    ),
    (
        "instance/jobs/routes.py",
        "from instance.jobs import service, activities\nfrom instance.web import respond",
    ),
    (
        "instance/loans/activities.py",
        "from federation import Activity, proofs\nfrom instance.jobs import service",
    ),
    (
        "instance/jobs/models.py",
        "from instance.db import Base\nclass Job(Base):\n    starts_at: int",
    ),
    ("instance/app.py", "from instance.home import routes"),
    ("instance/loans/service.py", "from federation import Iri"),
    ("instance/network/service.py", "from federation.sql import peers"),
)

BAD = (
    (federation_keeps_to_its_libraries, "federation/inbox.py", "import sqlalchemy"),
    (federation_keeps_to_its_libraries, "federation/sqlite.py", "import sqlalchemy"),
    (
        federation_keeps_to_its_libraries,
        "federation/inbox.py",
        "def f():\n    from instance.db import Tx",
    ),
    (federation_keeps_to_its_libraries, "federation/inbox.py", "import matching"),
    (matching_keeps_to_its_libraries_and_is_pure, "matching/solve.py", "import random"),
    (matching_keeps_to_its_libraries_and_is_pure, "matching/solve.py", "from os import environ"),
    (matching_keeps_to_its_libraries_and_is_pure, "matching/solve.py", "from instance import db"),
    (matching_keeps_to_its_libraries_and_is_pure, "matching/solve.py", "x = datetime.now()"),
    (matching_keeps_to_its_libraries_and_is_pure, "matching/solve.py", "x = numpy.random.rand()"),
    (
        imports_point_down_the_ranks,
        "instance/people/service.py",
        "from instance.jobs import service",
    ),
    (imports_point_down_the_ranks, "instance/people/service.py", "import instance.jobs.events"),
    (
        imports_point_down_the_ranks,
        "instance/jobs/service.py",
        "from instance.people.models import Worker",
    ),
    (
        imports_point_down_the_ranks,
        "instance/jobs/service.py",
        "from instance.people import signin",
    ),
    (imports_point_down_the_ranks, "instance/jobs/service.py", "from instance.jobs import routes"),
    (
        imports_point_down_the_ranks,
        "instance/jobs/models.py",
        "from instance.people import service",
    ),
    (imports_point_down_the_ranks, "instance/jobs/events.py", "from instance.db import Iri"),
    (
        imports_point_down_the_ranks,
        "instance/jobs/routes.py",
        "from instance.app import create_app",
    ),
    (imports_point_down_the_ranks, "instance/db.py", "from instance.people import service"),
    (imports_point_down_the_ranks, "instance/web.py", "from instance.app import create_app"),
    (
        each_file_of_a_feature_keeps_to_its_trade,
        "instance/jobs/service.py",
        "from federation import Activity",
    ),
    (
        each_file_of_a_feature_keeps_to_its_trade,
        "instance/jobs/activities.py",
        "from federation import fetch",
    ),
    (
        each_file_of_a_feature_keeps_to_its_trade,
        "instance/jobs/activities.py",
        "from federation.keys import Key",
    ),
    (each_file_of_a_feature_keeps_to_its_trade, "instance/jobs/routes.py", "import matching"),
    (
        each_file_of_a_feature_keeps_to_its_trade,
        "instance/jobs/service.py",
        "from aiohttp import web",
    ),
    (
        each_file_of_a_feature_keeps_to_its_trade,
        "instance/jobs/routes.py",
        "from sqlalchemy import select",
    ),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_all_code_keeps_the_rule(rule):
    assert faults(rule, *PACKAGES) == []


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_a_rule_notices_what_breaks_it(rule, path, text):
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_no_rule_complains_of_good_code(path, text):
    assert [fault for rule in RULES for fault in rule(Source(path, text))] == []


def rings(every: list[Source]) -> list[list[str]]:
    """Find the circles in which modules import each other."""
    known = {source.module for source in every}
    graph = nx.DiGraph()
    for source in every:
        for _, name in source.imports:
            target = name if name in known else name.rpartition(".")[0]
            graph.add_edge(source.module, target)
    circles = [sorted(ring) for ring in nx.strongly_connected_components(graph) if len(ring) > 1]
    return sorted(circles) + sorted([module] for module in nx.nodes_with_selfloops(graph))


def test_no_modules_import_each_other_in_a_circle():
    assert rings(sources(*PACKAGES)) == []


def test_a_circle_is_noticed():
    there = Source("instance/jobs/service.py", "from instance.loans import service")
    back = Source("instance/loans/service.py", "def f():\n    import instance.jobs.service")
    assert rings([there, back]) == [["instance.jobs.service", "instance.loans.service"]]


@pytest.mark.parametrize("package", [federation, matching])
def test_packages_whose_names_others_use_too_come_from_the_checkout(package):
    assert Path(package.__path__[0]) == ROOT / package.__name__
    assert package.__name__ not in metadata.packages_distributions()


def test_every_folder_of_the_server_is_a_feature_with_a_rank_or_part_of_the_frame():
    folders = {path.parent.name for path in (ROOT / "instance").glob("*/*.py")}
    assert folders <= {*FEATURES, *FRAME_ABOVE}


def test_a_server_that_has_not_matched_yet_has_not_loaded_what_computes():
    asked = "import sys, instance.app; print({'numpy', 'scipy', 'networkx'} & set(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert said.stdout == "set()\n", said.stderr
