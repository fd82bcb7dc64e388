"""What leaders see of places and of the people who fill them, and what matching suggested."""

from __future__ import annotations

from datetime import datetime

import msgspec

from federation import Iri


class PersonAt(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at an opening, called as the group may call her, and how far it has come.

    `invite` is empty for somebody whom an ally named; `ally` is then that ally. `instead` names
    the ally whose place somebody of ours was asked to fill. `ring` says that
    she lets the reader answer for her by telephone.
    """

    person: Iri
    name: str
    state: str
    invite: str = ""
    code: str = ""
    reply_by: datetime | None = None
    hold_until: datetime | None = None
    ally: str = ""
    instead: str = ""
    ring: bool = False


class LookingAt(msgspec.Struct, frozen=True):
    """For how many places of an opening one ally looks: `agreement` is where it promised them."""

    agreement: Iri
    name: str
    places: int


class CascadeAt(msgspec.Struct, frozen=True, kw_only=True):
    """How far asking a few people at a time has come at an opening.

    `state` is waiting (nobody is asked before `next_at`), asking or over; `outcome` says how it
    ended. Up to `fair_until` a yes waits for those before her. `left` are people not yet asked.
    """

    state: str
    outcome: str
    people: int
    minutes: int
    allies: bool
    first_come: bool
    wave: int
    left: int
    asked_allies: bool
    next_at: datetime | None
    fair_until: datetime | None


class OpeningAt(msgspec.Struct, frozen=True, kw_only=True):
    """One opening as it stands: how many are wanted, who comes, who was asked, what is open.

    `wanted` counts all places, `places` those that are the group's own to fill; `promised` are
    places that allies look for (`looking`: which ally for how many), `named` those for which they
    named somebody. `answered` said yes and wait to be confirmed. `open` are the group's own places
    that nobody has taken. `borrower` is set when the opening is an ally's. `state` is open,
    waiting or filled.
    """

    opening: Iri
    agreement: Iri | None
    job: Iri
    title: str
    borrower: str
    skill: str
    level: int
    certificates: tuple[str, ...]
    languages: tuple[str, ...]
    start: datetime
    end: datetime
    timezone: str
    state: str
    wanted: int
    places: int
    confirmed: int
    confirming: int
    answered: int
    invited: int
    promised: int
    named: int
    open: int
    auto_confirm: bool
    people: tuple[PersonAt, ...]
    past: tuple[PersonAt, ...]
    looking: tuple[LookingAt, ...] = ()
    district: str = ""
    cascade: CascadeAt | None = None

    @property
    def fragment(self) -> str:
        """The last part of its address, as a page names it."""
        return self.opening.rpartition("#")[2] or self.opening.rpartition("/")[2]


class Candidate(msgspec.Struct, frozen=True):
    """Somebody whom matching looked at for an opening, with the one reason that came out.

    `choosable` says that a leader may ask her all the same.
    """

    person: Iri
    name: str
    code: str
    values: dict[str, str]
    choosable: bool = True


class AllyCount(msgspec.Struct, frozen=True):
    """An ally that may help, with the coarse count it told and when that was true: never who.

    A `silent` one did not answer when it was asked last. `label` is empty where nothing is known.
    """

    group: Iri
    name: str
    label: str
    as_of: datetime | None = None
    silent: bool = False


class OpeningFound(msgspec.Struct, frozen=True, kw_only=True):
    """What matching found for one opening: whom to ask, who was passed over, what stays open."""

    opening: Iri
    suggested: tuple[Candidate, ...] = ()
    passed_over: tuple[Candidate, ...] = ()
    unfilled: int = 0
    code: str = ""
    values: dict[str, str] = {}
    allies: tuple[AllyCount, ...] = ()


class ShortlistView(msgspec.Struct, frozen=True, kw_only=True):
    """What matching suggested when it was last asked, and by what a replay is recognised."""

    subject: Iri
    found: datetime
    problem_hash: str
    rule_version: str
    seed: str
    decision: str | None
    openings: tuple[OpeningFound, ...]

    def at(self, opening: Iri) -> OpeningFound | None:
        """Return what was found for one opening."""
        return next((one for one in self.openings if one.opening == opening), None)


class OwnReason(msgspec.Struct, frozen=True, kw_only=True):
    """What one person reads about herself at one opening.

    `why` are the reasons for which she was asked, empty if she was not; `state` is what became of
    it. `code` and `values` are what matching last said of her, or said before she was asked; empty
    where nobody was looked for yet.
    """

    opening: Iri
    skill: str
    level: int
    certificates: tuple[str, ...]
    languages: tuple[str, ...]
    start: datetime
    end: datetime
    state: str
    why: tuple[str, ...]
    suggested: bool
    code: str
    values: dict[str, str]


class WhyView(msgspec.Struct, frozen=True, kw_only=True):
    """Why the reader is asked for places of a job, or is not; `found` is when people were found."""

    title: str
    group_name: str
    back: str
    found: datetime | None
    openings: tuple[OwnReason, ...]


class StaffingPage(msgspec.Struct, frozen=True, kw_only=True):
    """The places of one job, or of one loan at its lender, with the shortlist.

    `base` is the page's own address, `step` what comes next: find, invite, allies, confirm, wait
    or done. `asked` are places at each opening that allies were asked for and have not answered;
    `instead` is whom matching suggests for places for which allies look, where no other is open.
    """

    subject: Iri
    base: str
    group: Iri
    group_name: str
    title: str
    district: str
    borrower: str
    openings: tuple[OpeningAt, ...]
    shortlist: ShortlistView | None
    asked: dict[str, int]
    step: str
    instead: ShortlistView | None = None


class PlaceAt(msgspec.Struct, frozen=True):
    """One opening as a line names it; `page` is where people are found for it."""

    opening: Iri
    title: str
    skill: str
    start: datetime
    page: str


class Lacking(msgspec.Struct, frozen=True):
    """One thing that people lack: what could be filled if those who lack nothing else had it.

    `kind` is skill, level, certificate or language; `level` 0 where any will do. `expiring` of the
    `people` hold the certificate, but not for long enough.
    """

    kind: str
    key: str
    level: int
    places: int
    people: int
    expiring: int


class TrainingLine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who could learn or renew one thing, and the places that she could fill then."""

    name: str
    kind: str
    key: str
    level: int
    places: tuple[PlaceAt, ...]


class DependsView(msgspec.Struct, frozen=True, kw_only=True):
    """People without whom places stay open, and what nobody else brings.

    `wanted` are (kind, key, level); none where nothing is asked for and nobody else is free.
    """

    names: tuple[str, ...]
    wanted: tuple[tuple[str, str, int], ...]
    places: tuple[PlaceAt, ...]


class GapsView(msgspec.Struct, frozen=True, kw_only=True):
    """What a group lacks in its coming `weeks`; not `ready` while it is being worked out.

    Of `coming` openings `places` are open, and for `suggested` of them somebody is there; of
    `people` something is known, of `hidden` members nothing. `gained` is how many places more
    could be filled with all of the trainings.
    """

    group: Iri
    group_name: str
    weeks: int
    coming: int
    people: int
    hidden: int
    places: int
    ready: bool = False
    suggested: int = 0
    missing: tuple[Lacking, ...] = ()
    trainings: tuple[TrainingLine, ...] = ()
    gained: int = 0
    depends: tuple[DependsView, ...] = ()
