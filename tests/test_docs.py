"""What the documents say can be checked is checked."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path

import click
import pytest

from instance.cli import main
from instance.settings import Settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "FEDERATION.md"]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def settings_table():
    lines = ["| setting | meaning | unless set |", "|---|---|---|"]
    for one in fields(Settings):
        default = "" if one.default is MISSING else f"`{one.default!r}`"
        lines.append(f"| `{one.name}` | {one.metadata['help']} | {default} |")
    return "\n".join(lines)


def between(document, name):
    found = re.search(rf"<!-- {name}[^>]*-->\n(.*?)<!-- /{name} -->", document, re.DOTALL)
    assert found, f"the markers of {name} are gone"
    return found.group(1).strip()


def test_the_readme_lists_every_setting():
    assert between(text("README.md"), "settings") == settings_table(), settings_table()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_that_a_document_names_exists(name):
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|lock))`", text(name))
    missing = [one for one in named if "…" not in one and not list(ROOT.glob(one.rstrip("/")))]
    assert not [one for one in missing if one.split("/")[0] in {p.name for p in ROOT.iterdir()}]


def test_the_map_names_every_feature_and_every_file_of_federation():
    architecture = text("ARCHITECTURE.md")
    listed = re.findall(r"^\| `(\w+)` \|", architecture, re.MULTILINE)
    built = {one.parent.name for one in (ROOT / "instance").glob("*/service.py")}
    built |= {one.parent.name for one in (ROOT / "instance").glob("*/routes.py")}
    assert built <= set(listed), built - set(listed)
    for path in (ROOT / "federation").glob("*.py"):
        if path.name not in {"__init__.py", "errors.py", "iri.py"}:
            assert f"`federation/{path.name}`" in architecture, path.name


def test_every_command_is_explained_in_a_sentence():
    def walk(command, path):
        if path:
            assert command.help, path
            assert command.help.strip().split("\n\n")[0].rstrip().endswith("."), path
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                walk(command.get_command(context, name), (*path, name))
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.name not in {"help", "version"}:
                assert parameter.help, (path, parameter.name)

    walk(main, ())


def test_the_readmes_commands_exist():
    named = set(re.findall(r"^\./ayni (\w+)", text("README.md"), re.MULTILINE))
    assert named <= set(main.list_commands(click.Context(main)))


@pytest.mark.parametrize("name", [*DOCUMENTS, "GLOSSARY.md", "CHANGELOG.md"])
def test_documents_speak_of_the_project_alone(name):
    for word in ("pypi.org", "registry.npmjs", "/work/", "issue 2", "session limit"):
        assert word not in text(name), word
