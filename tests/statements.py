"""Each statement is compiled once for a kind of database, not once for each database of a test."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
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
