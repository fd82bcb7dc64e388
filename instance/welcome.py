"""What a co-op says to whoever comes to its first page: a Markdown file of its own."""

from __future__ import annotations

from pathlib import Path

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from instance.settings import Settings

MOST_BYTES = 100_000
_TAGS = {"h2", "h3", "p", "a", "em", "strong", "ul", "ol", "li", "br", "hr", "code", "blockquote"}


def welcome(settings: Settings) -> Markup | None:
    """Return the welcome text as safe HTML; None when there is none or it cannot be read."""
    if not settings.welcome:
        return None
    try:
        with Path(settings.welcome).open(encoding="utf-8") as file:
            text = file.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError):
        return None
    return rendered(text)


def rendered(text: str) -> Markup:
    """Turn Markdown into HTML in which nothing runs and nothing is fetched."""
    html = MarkdownIt("commonmark", {"html": False}).render(text)
    schemes = {"http", "https", "mailto"}
    safe = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=schemes)
    # nh3 has dropped every tag, attribute and address that is not listed
    return Markup(safe)  # noqa: S704
