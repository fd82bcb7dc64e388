"""What is shown of peers, and of what was decided about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from instance.network.service import Decision


class PeerLine(msgspec.Struct, frozen=True, kw_only=True):
    """Another co-op's server: since when it was not heard of, and what waits for it.

    `lag` is for how many minutes the oldest thing has been waiting. `why` says in plain words how
    the last try went, with places that `values` fill. `standing` is what was decided here about it.
    `agreed` is when both sides last had heard all that was said; `differs` what was missing since.
    """

    name: str
    origin: str
    heard: datetime | None
    delivered: datetime | None
    failing_since: datetime | None
    next_try: datetime
    waiting: int
    lag: int
    failed: int
    why: str = ""
    values: dict[str, Any] = {}
    keys_changed: datetime | None = None
    standing: str = ""
    agreed: datetime | None = None
    differs: tuple[str, ...] = ()


class FailureLine(msgspec.Struct, frozen=True):
    """Something that could not be delivered and will not be tried again, and why."""

    to: str
    what: str
    reason: str
    values: dict[str, Any] = {}


class PeersView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the other co-ops that this one deals with, those in trouble first."""

    peers: tuple[PeerLine, ...]
    failures: tuple[FailureLine, ...]
    total: int
    page: int
    pages: int
    find: str
    state: str
    may_change: bool


class PeerView(msgspec.Struct, frozen=True, kw_only=True):
    """One other co-op, and the latest of what could not be delivered to it."""

    peer: PeerLine
    failures: tuple[FailureLine, ...]


class DecisionsView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what was decided about domains and accounts elsewhere."""

    decisions: tuple[Decision, ...]
    total: int
    page: int
    pages: int
    find: str
    subject: str = ""


class ReportView(msgspec.Struct, frozen=True, kw_only=True):
    """One report: what it is about, and how far it has come.

    `sender` is the server that sent it, or to which it went when it is `outgoing`. `named` says who
    or what of ours an address is.
    """

    id: str
    at: datetime
    outgoing: bool
    sender: str
    objects: tuple[str, ...]
    named: dict[str, str]
    groups: tuple[str, ...]
    words: str
    state: str
    note: str
    answered: datetime | None


class ReportsView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of reports, those that wait first."""

    reports: tuple[ReportView, ...]
    total: int
    page: int
    pages: int
    state: str


class NewReport(msgspec.Struct, frozen=True):
    """The address that a report is begun with."""

    address: str = ""
