"""What a co-op says to whoever comes to its first page: a Markdown file of its own."""

from __future__ import annotations

from pathlib import Path

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from instance.settings import Settings

MOST_BYTES = 100_000
_TAGS = {"h2", "h3", "p", "a", "em", "strong", "ul", "ol", "li", "br", "hr", "code", "blockquote"}


def welcome(settings: Settings, language: str) -> Markup | None:
    """Return the welcome text as safe HTML; None when there is none or it cannot be read.

    A file beside it that has the language in its name is preferred: `welcome.zh-Hant.md`.
    """
    if not settings.welcome:
        return None
    for path in (beside(Path(settings.welcome), language), Path(settings.welcome)):
        try:
            with path.open(encoding="utf-8") as file:
                return rendered(file.read(MOST_BYTES))
        except (OSError, UnicodeDecodeError):
            continue
    return None


def beside(path: Path, language: str) -> Path:
    """Return where the same text in another language lies."""
    return path.with_suffix(f".{language}{path.suffix}")


def rendered(text: str) -> Markup:
    """Turn Markdown into HTML in which nothing runs and nothing is fetched."""
    html = MarkdownIt("commonmark", {"html": False}).render(text)
    schemes = {"http", "https", "mailto"}
    safe = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=schemes)
    # nh3 has dropped every tag, attribute and address that is not listed
    return Markup(safe)  # noqa: S704
