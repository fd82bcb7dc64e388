"""Lists page by page: which page is asked for, and which of how many that is."""

from __future__ import annotations

from collections.abc import Mapping


def page_of(query: Mapping[str, str]) -> int:
    """Return the number of the page that a query asks for, from 1; 1 for what is no such number."""
    text = query.get("page", "")
    return max(int(text), 1) if text.isdecimal() and len(text) < 9 else 1


def turned_to(page: int, total: int, size: int) -> tuple[int, int]:
    """Return which page is shown and how many there are; one beyond the last is the last."""
    pages = max(1, -(-total // size))
    return min(max(page, 1), pages), pages
