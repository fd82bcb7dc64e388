"""That pages keep to the security policy, contact nobody else, and speak people's words.

Every rule is shown markup that breaks it, too: one that lets its own bad example pass is no rule.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
MARKUP = {".html", ".svg", ".xml"}
TEXT = MARKUP | {".txt", ".css", ".js", ".json", ".webmanifest"}

# Files of other projects, served as published; none is a page, and none calls out by itself.
VENDORED = re.compile(r"static/(htmx-[\d.]+\.min\.js|LICENCES\.txt)")

# Folders (and files) whose pages a worker reads. No word of the machinery stands in them.
READ_BY_WORKERS = (
    "agenda",
    "base.html",
    "consent",
    "credentials",
    "errors",
    "groups",
    "home",
    "jobs",
    "macros",
    "mail",
    "notices",
    "people",
    "records",
)
MACHINERY = re.compile(
    r"\b(instances?|actors?|federat\w*|nodes?|credentials?)\b|實例|聯邦|節點|憑證", re.IGNORECASE
)
READ_ATTRIBUTES = {
    "title",
    "alt",
    "placeholder",
    "aria-label",
    "aria-description",
    "content",
    "value",
}

JINJA = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


@cache
def skeleton(text: str) -> str:
    """Return the markup alone: an expression or comment of Jinja becomes one mark."""
    tokens = JINJA.lex(text)
    return "".join(
        value if kind == "data" else "…" if kind.endswith("_begin") else "\n" * value.count("\n")
        for _, kind, value in tokens
    )


def found(pattern: str, text: str) -> Iterator[str]:
    for match in re.finditer(pattern, text, re.IGNORECASE | re.DOTALL):
        line = text.count("\n", 0, match.start()) + 1
        yield f"{line}: {' '.join(match[0].split())[:80]}"


def no_style_stands_inline(text: str) -> Iterator[str]:
    yield from found(r"<style\b", skeleton(text))
    yield from found(r"<[a-z][^<>]*\sstyle\s*=", skeleton(text))


def no_script_stands_inline(text: str) -> Iterator[str]:
    yield from found(r"<script\b(?![^>]*\ssrc=)[^>]*>", skeleton(text))
    yield from found(r"<[a-z][^<>]*\son[a-z]+\s*=", skeleton(text))
    yield from found(
        r"""<[a-z][^<>]*\s(?:href|src|action)\s*=\s*["']?\s*javascript:""", skeleton(text)
    )
    yield from found(r"<[a-z][^<>]*\shx-(?:on|vars)\b[^=]*=", skeleton(text))


def no_outside_host_is_named(text: str) -> Iterator[str]:
    yield from found(r"https?://(?!www\.w3\.org/)[\w\[][^\s\"'<>]*", text)
    yield from found(r"""(?:href|src|action|url\()\s*=?\s*["']?//[a-z]""", text)


class Reader(HTMLParser):
    """Gathers what a person sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words += [value for name, value in attrs if name in READ_ATTRIBUTES and value]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def no_machinery_is_mentioned(text: str) -> Iterator[str]:
    reader = Reader()
    reader.feed(skeleton(text))
    read = list(reader.words)
    for _, _, messages in JINJA.extract_translations(text):
        read += [each for each in ([messages] if isinstance(messages, str) else messages) if each]
    for words in read:
        for match in MACHINERY.finditer(words):
            yield f"the word {match[0]!r} in {' '.join(words.split())[:80]!r}"


def files(kinds: set[str]) -> Iterator[Path]:
    for path in sorted(TEMPLATES.rglob("*")):
        if path.suffix in kinds and not VENDORED.fullmatch(path.relative_to(TEMPLATES).as_posix()):
            yield path


def faults(rule: Callable[[str], Iterator[str]], paths: Iterator[Path]) -> list[str]:
    return [
        f"{path.relative_to(TEMPLATES)}:{fault}"
        for path in paths
        for fault in rule(path.read_text())
    ]


BAD = (
    (no_style_stands_inline, "<p style='color: red'>"),
    (no_style_stands_inline, "<style>p {}</style>"),
    (no_style_stands_inline, "{% if x > 1 %}<p {{ a }}\n style=x>{% endif %}"),
    (no_script_stands_inline, "<script>alert(1)</script>"),
    (no_script_stands_inline, '<script type="module">x</script>'),
    (no_script_stands_inline, '<button class="{{ a }}" onclick="x()">'),
    (no_script_stands_inline, '<a href="javascript:x()">'),
    (no_script_stands_inline, '<a hx-on::click="x()">'),
    (no_outside_host_is_named, '<img src="https://cdn.example/x.png">'),
    (no_outside_host_is_named, "{{ 'http://example.com' }}"),
    (no_outside_host_is_named, '<script src="//cdn.example/x.js"></script>'),
    (no_outside_host_is_named, "a { background: url(//cdn.example/x) }"),
    (no_machinery_is_mentioned, "<p>Your instance</p>"),
    (no_machinery_is_mentioned, "<p>{{ _('Federated jobs') }}</p>"),
    (no_machinery_is_mentioned, "{% trans %}this node{% endtrans %}"),
    (no_machinery_is_mentioned, '<img alt="actor">'),
    (no_machinery_is_mentioned, "<p>你的實例</p>"),
)

GOOD = (
    '{{ button(_("Yes"), style="loud", onboarding=1) }}',
    '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
    '<script src="{{ static("x.js") }}" defer></script>',
    '<p class="style=on" data-on="x">{{ instance.name }} {# the actor #}</p>',
    '<a href="/jobs/{{ job.id }}">{{ _("Job") }} {{ credential.title }}</a>',
)


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_a_rule_notices_what_breaks_it(rule, text):
    assert list(rule(text))


@pytest.mark.parametrize("text", GOOD)
def test_no_rule_complains_of_good_markup(text):
    rules = {rule for rule, _ in BAD}
    assert [fault for rule in rules for fault in rule(text)] == []


@pytest.mark.parametrize("rule", [no_style_stands_inline, no_script_stands_inline])
def test_all_markup_keeps_to_the_security_policy(rule):
    assert faults(rule, files(MARKUP)) == []


def test_nothing_that_is_served_names_an_outside_host():
    assert faults(no_outside_host_is_named, files(TEXT)) == []


def test_no_page_that_a_worker_reads_mentions_the_machinery():
    every = files(MARKUP | {".txt"})
    read = (path for path in every if path.relative_to(TEMPLATES).parts[0] in READ_BY_WORKERS)
    assert faults(no_machinery_is_mentioned, read) == []
