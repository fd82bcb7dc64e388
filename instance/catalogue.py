"""Which sentences there are to translate, and the .po files that hold their translations."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from instance.language import CATALOGUES, babel_name
from instance.pages import templates_folder
from instance.spoken import wordless

ERRORS = {"DomainError", "NotFound", "SignInNeeded", "Forbidden", "Invalid", "Conflict", "TooMany"}
MARKERS = {"N_", "_", "translate"}
UNREAD = {"commands", "demo", "migrations", "api", "cli", "labour", "settings"}  # by programmers
_SENTENCE = re.compile(r'[A-Z%"“][^\n]* [^\n]*[.?!:]')
_PACKAGE = Path(__file__).parent


def sentences() -> Catalog:
    """Collect every sentence that people may read: from templates, errors and marked strings."""
    catalog = Catalog(charset="utf-8")
    _add_templates(catalog)
    for path in sorted(_PACKAGE.rglob("*.py")):
        where = path.relative_to(_PACKAGE.parent).as_posix()
        if path.parent.name in UNREAD or path.stem in UNREAD:
            continue
        for line, message in _in_python(ast.parse(path.read_text(encoding="utf-8"))):
            catalog.add(message, locations=[(where, line)])
    return catalog


def read(language: str) -> Catalog:
    """Read a language's translations; an empty catalogue when there are none."""
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return Catalog(locale=babel_name(language), charset="utf-8")
    with path.open("rb") as source:
        return read_po(source, locale=babel_name(language))


def update(language: str) -> tuple[int, int]:
    """Bring a language's file up to date; returns how many sentences there are and lack words."""
    kept, wanted = read(language), sentences()
    kept.update(wanted, no_fuzzy_matching=True)
    kept.obsolete.clear()
    with (CATALOGUES / f"{language}.po").open("wb") as target:
        write_po(target, kept, width=100, sort_output=True, omit_header=False, include_lineno=False)
    return len(kept), len(missing(language))


def pages_without_words(language: str) -> list[tuple[str, int]]:
    """List the pages that a language lacks words for, with how many, the nearest to done first."""
    lacking: Counter[str] = Counter()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
    )
    for path in sorted(templates_folder().rglob("*.html")):
        name = path.relative_to(templates_folder()).as_posix()
        lacking[name] = len(wordless(environment, name, language))
    return sorted(((+lacking).items()), key=lambda one: (one[1], one[0]))


def missing(language: str) -> list[str]:
    """List the sentences that have no words in a language."""
    kept = read(language)
    return sorted(
        str(message.id)
        for message in sentences()
        if message.id and not _has_words(kept, message.id)
    )


def _has_words(catalog: Catalog, identifier: str | list[str] | tuple[str, ...]) -> bool:
    singular = identifier if isinstance(identifier, str) else identifier[0]
    known = catalog.get(singular)
    if known is None:
        return False
    words = known.string if isinstance(known.string, (list, tuple)) else [known.string]
    return all(words)


def _add_templates(catalog: Catalog) -> None:
    found = extract_from_dir(
        templates_folder(),
        method_map=[
            ("**.html", "jinja2.ext.babel_extract"),
            ("**.txt", "jinja2.ext.babel_extract"),
        ],
        options_map={"**": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}},
    )
    for name, line, message, _comments, _context in sorted(found, key=lambda one: one[:2]):
        catalog.add(message, locations=[(f"templates/{name}", line)])


def _in_python(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield what is marked, what people are told, and whatever reads as a whole sentence."""
    silent = {id(one) for node in ast.walk(tree) for one in _never_shown(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ERRORS | MARKERS:
            yield from _texts(node.args)
        elif isinstance(node, ast.keyword) and node.arg == "said":
            yield from _texts([node.value])
        elif isinstance(node, ast.Constant) and id(node) not in silent and _is_sentence(node.value):
            yield node.lineno, str(node.value)


def _never_shown(node: ast.AST) -> Iterator[ast.expr]:
    """Yield docstrings and what programmers' own errors say."""
    if isinstance(node, ast.Expr):
        yield node.value
    elif isinstance(node, ast.Call) and _called(node) in {
        "ValueError",
        "RuntimeError",
        "Malformed",
    }:
        yield from node.args


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and _SENTENCE.fullmatch(value) is not None


def _texts(values: list[ast.expr]) -> Iterator[tuple[int, str]]:
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
            yield value.lineno, value.value
        elif isinstance(value, ast.IfExp):
            yield from _texts([value.body, value.orelse])


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
