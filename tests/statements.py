"""Statements in tests: each is compiled once for a kind of database, and those asked are heard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

MOST_STATEMENTS = 5_000


def share_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let engines made from now on find what was compiled for another of their kind.

    A compiled statement is kept by its dialect. All that we open here are made alike and speak to
    the same SQLite or the same server, so one stands for the others.
    """
    compiled: dict[type, LRUCache[Any, Any]] = {}
    make = Engine.__init__

    def make_sharing(engine: Engine, *given: Any, **named: Any) -> None:
        make(engine, *given, **named)
        kind = type(engine.dialect)
        engine._compiled_cache = compiled.setdefault(kind, LRUCache(MOST_STATEMENTS))

    monkeypatch.setattr(Engine, "__init__", make_sharing)
    monkeypatch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
    monkeypatch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))


@contextmanager
def heard() -> Iterator[list[tuple[str, Any]]]:
    """Keep what databases are asked meanwhile: each statement, and the values given with it."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, text: str, values: object, *_: object) -> None:
        asked.append((text, values))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
