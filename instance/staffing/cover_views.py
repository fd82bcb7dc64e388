"""What a leader sees who seeks cover for one opening: her people, her other groups, allies."""

from __future__ import annotations

from datetime import datetime

import msgspec

from federation import Iri
from instance.staffing.views import Candidate, OpeningAt
from instance.staffing.waves import Waves


class AllyAt(msgspec.Struct, frozen=True, kw_only=True):
    """An ally that could be asked: its coarse count, and how far asking it has come.

    `state` is empty, asked, offered or promised; `loan` is the last part of the loan's address.
    """

    group: Iri
    name: str
    label: str
    as_of: datetime | None
    silent: bool
    state: str = ""
    places: int = 0
    until: datetime | None = None
    loan: str = ""


class GroupAt(msgspec.Struct, frozen=True, kw_only=True):
    """Another group that the reader leads, and who of it could come, in fair order.

    Only an `allied` one may lend. `page` is where its people are asked already.
    """

    group: Iri
    name: str
    allied: bool
    able: tuple[Candidate, ...]
    page: str = ""


class MoveAt(msgspec.Struct, frozen=True, kw_only=True):
    """One of the moves that would fill a place: who takes which, and leaves which, if any.

    `here` says that it is the move to the place for which cover is sought.
    """

    person: Iri
    name: str
    here: bool
    takes: str
    takes_start: datetime
    leaves: str
    leaves_start: datetime | None


class CallLine(msgspec.Struct, frozen=True):
    """Somebody who was asked, and who lets the reader answer for her by telephone."""

    invite: Iri
    name: str
    phone: str
    reply_by: datetime


class CoverPage(msgspec.Struct, frozen=True, kw_only=True):
    """One opening for which cover is sought: who could be asked, in fair order, and how it stands.

    `base` is the page's own address, `back` that of all places of the job. `openings` are those of
    the same job. `found` is when people were last looked for; `able` could be asked, `passed` could
    not; `waves` is what the form begins with.
    """

    base: str
    back: str
    group: Iri
    group_name: str
    title: str
    district: str
    borrower: str
    opening: OpeningAt
    openings: tuple[OpeningAt, ...]
    found: datetime | None
    able: tuple[Candidate, ...]
    passed: tuple[Candidate, ...]
    allies: tuple[AllyAt, ...]
    groups: tuple[GroupAt, ...]
    moves: tuple[MoveAt, ...]
    calls: tuple[CallLine, ...]
    waves: Waves
