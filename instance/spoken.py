"""Which pages a language has every word for. A page that lacks some is shown in English, whole."""

from __future__ import annotations

from functools import cache

import jinja2
import msgspec
from jinja2 import meta
from jinja2.ext import extract_from_ast

from instance.language import N_, direction, tag, translate, worded

_SAID = N_("There are no words for this page in your language yet, so you read it in English.")


class Apology(msgspec.Struct, frozen=True):
    """Says in the reader's own language why a page is in another."""

    text: str
    lang: str
    dir: str


def apology(language: str) -> Apology:
    """Say in a language that it lacks the words for a page."""
    return Apology(translate(language, _SAID), tag(language), direction(language))


def wordless(environment: jinja2.Environment, template: str, language: str) -> set[str]:
    """Return what a template, and whatever it extends or imports, says without words for it."""
    said: set[str] = set()
    seen: set[str] = set()
    names = {template}
    while names:
        name = names.pop()
        seen.add(name)
        sentences, more = _in(environment, name)
        said |= sentences
        names |= more - seen
    return said - worded(language)


@cache
def _in(environment: jinja2.Environment, name: str) -> tuple[set[str], set[str]]:
    """Return what one template says itself, and which others it names."""
    assert environment.loader is not None
    source = environment.loader.get_source(environment, name)[0]
    node = environment.parse(source)
    found = extract_from_ast(node)
    told = [one if isinstance(one, str) else one[0] for _line, _function, one in found if one]
    named = meta.find_referenced_templates(node)
    return {one for one in told if one}, {one for one in named if one}
