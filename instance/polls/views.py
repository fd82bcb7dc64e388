"""What of polls is shown and heard."""

from __future__ import annotations

from datetime import datetime

import msgspec

from federation import Iri


class ChoiceView(msgspec.Struct, frozen=True):
    """One choice: how many took it, their part of all who answered, whether the reader did."""

    text: str
    votes: int
    percent: int
    mine: bool


class PollView(msgspec.Struct, frozen=True, kw_only=True):
    """A poll as its page shows it; `href` is set for polls of this co-op.

    Of one that was taken down, `gone` says since when; `shared_by` is who passed it on to the
    reader, when nobody else asks her.
    """

    iri: Iri
    group: Iri
    group_name: str
    text: str
    language: str
    choices: tuple[ChoiceView, ...]
    voters: int
    several: bool
    public: bool
    published: datetime
    ends: datetime
    open: bool
    answered: bool
    leads: bool
    href: str
    gone: datetime | None = None
    shared_by: str = ""


class PollsPage(msgspec.Struct, frozen=True):
    """What the reader's groups ask, and those she follows: what ends first stands first."""

    open: tuple[PollView, ...]
    over: tuple[PollView, ...]


class PollForm(msgspec.Struct, frozen=True):
    """The form for a new poll: the groups that the reader leads, as (token, name)."""

    groups: tuple[tuple[str, str], ...]


class Asked(msgspec.Struct, frozen=True):
    """The poll that was made."""

    poll: Iri


class NewPoll(msgspec.Struct, frozen=True, kw_only=True):
    """What a leader wants to ask, until when."""

    text: str
    choices: tuple[str, ...]
    ends: datetime
    several: bool = False
    public: bool = True


class HeardPoll(msgspec.Struct, frozen=True, kw_only=True):
    """A poll as somebody else's server tells it, bounded and plain."""

    iri: Iri
    group: Iri
    text: str
    language: str
    choices: tuple[str, ...]
    counts: tuple[int, ...]
    voters: int
    several: bool
    public: bool
    published: datetime
    version: datetime
    ends: datetime
    closed: bool
    quiet: bool = False
