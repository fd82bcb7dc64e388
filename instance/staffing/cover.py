"""Seek cover for one opening: who could be asked, in fair order, beside how it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.agenda import service as agenda
from instance.alliances import service as alliances
from instance.consent import service as consent
from instance.db import Tx
from instance.errors import NotFound
from instance.loans import service as loans
from instance.people import service as people
from instance.skills import service as skills
from instance.staffing import placements
from instance.staffing.board import lent_by_id, openings_at
from instance.staffing.cover_views import AllyAt, CallLine, CoverPage, GroupAt, MoveAt
from instance.staffing.models import Cascade
from instance.staffing.openings import OpeningToFill
from instance.staffing.problem import LEAST, Work, work_at
from instance.staffing.reasons import THEN, TURN
from instance.staffing.shortlist import shortlist
from instance.staffing.views import Candidate, OpeningAt, OpeningFound, PersonAt
from instance.staffing.waves import Waves
from instance.transparency import service as transparency
from instance.viewer import Viewer

NO_MORE = frozenset({"declined", "refused", "dropped_out"})
"""Answers after which somebody is not asked again for the same hours."""


class Wanted(msgspec.Struct, frozen=True):
    """The opening that an address means, and the work that it is a part of."""

    work: Work
    filled: OpeningToFill
    base: str
    back: str


async def wanted_at(tx: Tx, viewer: Viewer, kind: str, identifier: str, at: str) -> Wanted:
    """Return the opening of a job, or of what is lent, that an address means; raise NotFound.

    `at` is the last part of the opening's own address. Only leaders of the group that fills it
    are answered.
    """
    lent = kind == "loans"
    subject = await lent_by_id(tx, viewer, identifier) if lent else None
    work = await work_at(tx, subject or Iri(f"{tx.origin}/jobs/{identifier}"))
    await people.require_leader(tx, viewer, work.group)
    for one in work.openings:
        if fragment(one.opening) == at:
            page = f"/{kind}/{identifier}"
            return Wanted(work, one, f"{page}/cover/{at}", f"{page}/staffing")
    raise NotFound


def fragment(opening: str) -> str:
    """Return the last part of an opening's address, as far as it can stand in ours."""
    return re.sub(r"[^A-Za-z0-9]", "", opening.rpartition("#")[2] or opening.rpartition("/")[2])


async def cover_page(
    tx: Tx,
    viewer: Viewer,
    wanted: Wanted,
    others: tuple[GroupAt, ...],
    moves: tuple[MoveAt, ...],
) -> CoverPage:
    """Return all that a leader needs to find somebody; `others` are groups that she leads, too."""
    work = wanted.work
    ring = frozenset(await consent.people_of_concierge(tx, viewer.person))
    at = await openings_at(tx, work.group, work.openings, ring)
    here = next(one for one in at if one.opening == wanted.filled.opening)
    kept = await shortlist(tx, work)
    found = kept.at(here.opening) if kept else None
    out = {one.person for one in here.people} | {
        one.person for one in here.past if one.state in NO_MORE or one.code == "expired"
    }
    return CoverPage(
        base=wanted.base,
        back=wanted.back,
        group=work.group,
        group_name=await alliances.name_of(tx, work.group),
        title=work.title,
        district=work.district,
        borrower=work.borrower,
        opening=msgspec.structs.replace(here, people=_people_in_turn(here, found)),
        openings=at,
        found=kept.found if kept else None,
        able=tuple(one for one in in_turn(found) if one.person not in out),
        passed=tuple(one for one in _passed(found) if one.person not in out),
        allies=() if work.agreement else await _allies(tx, wanted, {one.group for one in others}),
        groups=others,
        moves=() if any(one.here and one.person in out for one in moves) else moves,
        calls=await _calls(tx, here),
        waves=await _waves(tx, wanted.filled),
    )


async def answer_for(tx: Tx, viewer: Viewer, wanted: Wanted, invite: Iri, yes: bool) -> None:
    """Enter the answer that somebody gave by telephone, as the leader whom she named for it.

    Raises NotFound for anybody else's invitation, or one for another opening; the log keeps that
    it was the leader who entered it.
    """
    person = await require_asked(tx, wanted, invite)
    await agenda.answer(tx, viewer, invite, yes)
    await transparency.note(
        tx,
        "staffing.answered_for",
        by=viewer.person,
        group=wanted.work.group,
        about=person,
        text="A leader entered the answer that somebody gave by telephone.",
        opening=wanted.filled.opening,
    )


async def require_asked(tx: Tx, wanted: Wanted, invite: Iri) -> Iri:
    """Return whom an Invite for this opening asks; raise NotFound for any other."""
    row = await placements.sent_of(tx, invite)
    if (row.opening, row.agreement) != (wanted.filled.opening, wanted.work.agreement or ""):
        raise NotFound
    return Iri(row.person)


async def accept_ally(tx: Tx, viewer: Viewer, wanted: Wanted, loan: str) -> str:
    """Accept what an ally offers for this job; return the ally's name. Raises NotFound."""
    offered = (loans.LoanState.OFFERED,)
    for one in await loans.loans(tx, wanted.work.group, loans.Side.BORROWER, offered):
        if one.id == loan and one.ask.job == wanted.filled.job:
            await loans.accept_loan(tx, viewer, one.offer)
            return one.ally_name
    raise NotFound


# Who could come ----------------------------------------------------------------------------------


def in_turn(found: OpeningFound | None) -> list[Candidate]:
    """Return those who could be asked for an opening, in fair order."""
    able = [*found.suggested, *found.passed_over] if found else []
    last = str(len(able))
    return sorted(
        (one for one in able if one.choosable),
        key=lambda one: (int(one.values.get(TURN, last)), one.name),
    )


def _people_in_turn(here: OpeningAt, found: OpeningFound | None) -> tuple[PersonAt, ...]:
    """Put people who stand alike into fair order: whose yes a leader would confirm first."""
    told = (*found.suggested, *found.passed_over) if found else ()
    turns = {one.person: int(one.values.get(TURN, one.values.get(THEN + TURN, 0))) for one in told}
    states = list(dict.fromkeys(one.state for one in here.people))
    last = len(turns)
    ordered = sorted(
        here.people, key=lambda one: (states.index(one.state), turns.get(one.person, last))
    )
    return tuple(ordered)


def _passed(found: OpeningFound | None) -> list[Candidate]:
    return [one for one in found.passed_over if not one.choosable] if found else []


async def _calls(tx: Tx, here: OpeningAt) -> tuple[CallLine, ...]:
    rung = [one for one in here.people if one.ring and one.reply_by]
    known = await people.people(tx, [one.person for one in rung])
    return tuple(
        CallLine(Iri(one.invite), one.name, known[one.person].phone or "", one.reply_by)
        for one in rung
        if one.reply_by and one.person in known
    )


async def _waves(tx: Tx, filled: OpeningToFill) -> Waves:
    """Return what was last chosen for this job, or what is usual."""
    chosen = sa.select(Cascade).where(Cascade.job == filled.job, Cascade.group == filled.group)
    last = chosen.order_by(Cascade.begun.desc(), Cascade.id).limit(1)
    row = (await tx.session.scalars(last)).one_or_none()
    return Waves(row.people, row.minutes, row.allies, row.first_come) if row else Waves()


# Allies ------------------------------------------------------------------------------------------


async def _allies(tx: Tx, wanted: Wanted, led: Collection[Iri]) -> tuple[AllyAt, ...]:
    work, filled = wanted.work, wanted.filled
    known = [one for one in await alliances.allies(tx, work.group) if one.ally not in led]
    heard = await alliances.heard_from(tx, work.group, [one.ally for one in known])
    asked = await _asked(tx, work, filled)
    lines = [
        AllyAt(
            group=one.ally,
            name=one.name,
            label=_label(heard[one.ally].counts, filled),
            as_of=heard[one.ally].as_of,
            silent=bool(heard[one.ally].failed),
        )
        for one in known
    ]
    lines = [
        msgspec.structs.replace(one, **msgspec.structs.asdict(asked[one.group]))
        if one.group in asked
        else one
        for one in lines
    ]
    return tuple(sorted(lines, key=lambda one: (not one.state, not one.label, one.name)))


class _Asked(msgspec.Struct, frozen=True):
    state: str
    places: int
    until: object = None
    loan: str = ""


async def _asked(tx: Tx, work: Work, filled: OpeningToFill) -> dict[Iri, _Asked]:
    """Say of each ally that was asked for this opening how far that has come."""
    found: dict[Iri, _Asked] = {}
    for ask in await loans.asks_for(tx, work.subject):
        places = sum(one.places for one in ask.places if one.opening == filled.opening)
        if ask.open and places:
            found.setdefault(ask.ally, _Asked("asked", places, ask.until))
    states = {loans.LoanState.OFFERED: "offered", loans.LoanState.STANDING: "promised"}
    for loan in await loans.loans(tx, work.group, loans.Side.BORROWER, tuple(states)):
        places = sum(one.places for one in loan.places if one.opening == filled.opening)
        if places:
            found[loan.ally] = _Asked(states[loan.state], places, loan=loan.id)
    return found


def _label(counts: Sequence[alliances.Count], filled: OpeningToFill) -> str:
    """Return an ally's largest count for the skill in the hours of an opening, or nothing."""
    fitting = skills.vocabulary().fitting(filled.skill)
    labels = [
        one.label
        for one in counts
        if one.skill in fitting and one.start < filled.end and filled.start < one.end
    ]
    return max(labels, key=lambda label: LEAST[label][0] if label in LEAST else 0, default="")
