import ast
import sys
from pathlib import Path

import msgspec
import pytest

import matching
from matching import (
    answers,
    attributes,
    coverage,
    exchange,
    gaps,
    model,
    near,
    neighbours,
    problem,
    report,
    rotation,
    shares,
    training,
)

PACKAGE = Path(matching.__file__).parent
FILES = sorted(PACKAGE.glob("*.py"))
ALLOWED = {"matching", "msgspec", "networkx", "numpy", "scipy"}
NEVER = {"asyncio", "io", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "ssl"} | {
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
    "http",
    "shutil",
    "ctypes",
}
PROTECTED = {
    "name", "gender", "sex", "birth", "birthday", "born", "age", "nationality", "citizenship",
    "ethnicity", "race", "religion", "photo", "picture", "avatar", "disability", "health",
    "pregnant", "married", "children", "family", "union", "politics", "migration", "visa",
    "rating", "score", "stars", "star", "rank", "level_of_trust", "strikes", "strike", "streak",
    "refusals", "declines", "offers", "reliability", "late", "noshow", "location", "latitude",
}  # fmt: skip
# The legal minimum, as a yes or no, is all that may be known of an age.
LEGAL_MINIMUM = "age_ok"


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_matching_imports_only_what_is_pure(path):
    for name in imported(ast.parse(path.read_text())):
        top = name.split(".", maxsplit=1)[0]
        assert top not in NEVER
        assert top in ALLOWED | sys.stdlib_module_names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_matching_asks_no_clock_and_no_file(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"now", "utcnow", "today", "random"}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "open"
        if isinstance(node, ast.Name):
            assert node.id not in {"input", "hash", "eval", "exec", "__import__"}


def types():
    found = [
        value
        for module in (
            model,
            problem,
            answers,
            coverage,
            exchange,
            gaps,
            neighbours,
            near,
            training,
            report,
            rotation,
            shares,
        )
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__module__ == module.__name__
        and not value.__name__.startswith("_")
    ]
    assert len(found) > 25
    return [*found, attributes.Attribute]


@pytest.mark.parametrize("kind", types(), ids=lambda kind: kind.__name__)
def test_no_field_says_what_may_not_count(kind):
    for field in msgspec.structs.fields(kind):
        if field.name != LEGAL_MINIMUM:
            assert not PROTECTED & ({field.name} | set(field.name.split("_")))


@pytest.mark.parametrize("kind", types(), ids=lambda kind: kind.__name__)
def test_every_value_is_frozen_and_refuses_unknown_fields(kind):
    assert kind.__struct_config__.frozen
    assert kind.__struct_config__.forbid_unknown_fields


def test_the_word_for_a_persons_own_data_is_an_allow_list():
    fields = {field.name for field in msgspec.structs.fields(model.Worker)}
    assert fields == {
        "id", "groups", "age_ok", "skills", "certificates", "languages", "free", "promised",
        "weeks", "district", "minutes_wanted", "minutes_had", "farthest_metres", "worked_with",
    }  # fmt: skip
