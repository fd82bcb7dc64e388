"""What of enquiries is shown and heard."""

from __future__ import annotations

from datetime import datetime

import msgspec

from federation import Iri
from instance.enquiries.models import EnquiryState, Side


class LineView(msgspec.Struct, frozen=True):
    """One note of an enquiry."""

    iri: Iri
    by_group: bool
    text: str
    language: str
    said: datetime
    changed: bool
    gone: bool


class EnquiryView(msgspec.Struct, frozen=True, kw_only=True):
    """An enquiry as its group's leaders or who asks may see it, the oldest note first.

    `offer` is what waits for a yes or no, if anything does; only a single enquiry says so.
    """

    id: str
    side: Side
    group: Iri
    group_name: str
    asker: Iri
    other: str
    job: str
    title: str
    state: EnquiryState
    opened: datetime
    changed: datetime
    lines: tuple[LineView, ...] = ()
    offer: str = ""


class EnquiriesPage(msgspec.Struct, frozen=True):
    """What a leader's groups are asked, and what the reader asked herself."""

    asked_of_us: tuple[EnquiryView, ...]
    asked_by_me: tuple[EnquiryView, ...]


class AskPage(msgspec.Struct, frozen=True):
    """The form that asks a group about a job."""

    job: Iri
    title: str
    group: Iri
    group_name: str
