"""What somebody elsewhere wrote, as plain text: of HTML only where its lines break is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

import nh3

_BREAKS = re.compile(r"<br\s*/?>|</(?:p|li|div|h[1-6]|blockquote)>", re.IGNORECASE)


def plain_text(document: Mapping[str, Any], most: int) -> tuple[str, str]:
    """Read `content`, under its title, in so many characters; return it with its language."""
    written = document.get("contentMap")
    mapped = [
        (str(language)[:35], text)
        for language, text in (written.items() if isinstance(written, Mapping) else ())
        if isinstance(text, str)
    ][:20]
    content = document.get("content")
    if not isinstance(content, str):
        content = mapped[0][1] if mapped else ""
    language = next((one for one, text in mapped if text == content), "")
    title = document.get("name") or document.get("summary")
    html = f"{escape(title)}<br>{content}" if isinstance(title, str) and title else content
    broken = _BREAKS.sub(lambda found: f"{found[0]}\n", html[: most * 4])
    plain = unescape(nh3.clean(broken, tags=set()))
    lines = [" ".join(one.split()) for one in plain.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:most], language
