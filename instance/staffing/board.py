"""The places of a group as they stand: who comes, who was asked, what allies fill, what is open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.alliances import service as alliances
from instance.consent import service as consent
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.loans import service as loans
from instance.people import service as people
from instance.staffing import openings
from instance.staffing.models import Cascade, NamedPlace, Placement, StaffedOpening
from instance.staffing.openings import OpeningToFill
from instance.staffing.placement import ASKED, TAKES_PLACE, PlacementState, PlaceState
from instance.staffing.problem import Work, work_at
from instance.staffing.shortlist import promised_work, shortlist
from instance.staffing.views import (
    CascadeAt,
    LookingAt,
    OpeningAt,
    PersonAt,
    ShortlistView,
    StaffingPage,
)
from instance.viewer import Viewer

ORDER = tuple(PlacementState)
PENDING = ASKED - {PlacementState.CONFIRMED, PlacementState.DONE}


async def board(tx: Tx, group: Iri, start: datetime, end: datetime) -> tuple[OpeningAt, ...]:
    """Return every opening that a group fills and that begins in a stretch of time.

    Its own and those it promised allies; the open ones first, then by time.
    """
    filled = await openings.own_between(tx, group, start, end)
    filled += [
        openings.lent(one)
        for one in await loans.lent_openings(tx, group)
        if start <= one.start < end
    ]
    return await openings_at(tx, group, filled)


async def job_board(tx: Tx, job: Iri) -> tuple[OpeningAt, ...]:
    """Return the openings of a job of ours; raise NotFound."""
    work = await work_at(tx, job)
    return await openings_at(tx, work.group, work.openings)


async def staffing_page(tx: Tx, viewer: Viewer, subject: Iri, base: str) -> StaffingPage:
    """Return all that a leader sees of the places of a job or a loan; NotFound for others."""
    work = await work_at(tx, subject)
    await people.require_leader(tx, viewer, work.group)
    ring = frozenset(await consent.people_of_concierge(tx, viewer.person))
    at = await openings_at(tx, work.group, work.openings, ring)
    found = await shortlist(tx, work)
    asked = await _asked_of_allies(tx, work)
    return StaffingPage(
        subject=work.subject,
        base=base,
        group=work.group,
        group_name=await alliances.name_of(tx, work.group),
        title=work.title,
        district=work.district,
        borrower=work.borrower,
        openings=at,
        shortlist=found,
        asked=asked,
        step=_step(at, found, work, asked),
        instead=None if work.agreement else await shortlist(tx, promised_work(work)),
    )


async def _asked_of_allies(tx: Tx, work: Work) -> dict[str, int]:
    waiting = [] if work.agreement else await loans.asks_for(tx, work.subject)
    return {str(opening): places for opening, places in loans.unanswered(waiting).items()}


async def lent_by_id(tx: Tx, viewer: Viewer, identifier: str) -> Iri:
    """Return the Agreement of a standing loan that the viewer's group lends; raise NotFound."""
    for group in viewer.leads:  # a leader leads a few groups
        for one in await loans.loans(tx, group, loans.Side.LENDER):
            if one.id == identifier and one.agreement:
                return one.agreement
    raise NotFound


async def openings_at(
    tx: Tx, group: Iri, filled: Sequence[OpeningToFill], ring: Collection[Iri] = ()
) -> tuple[OpeningAt, ...]:
    """Say who stands how at some openings of one group, in a handful of queries."""
    keys = {(one.opening, one.agreement or "") for one in filled}
    iris = {opening for opening, _ in keys}
    chosen = sa.select(Placement).where(Placement.opening.in_(iris), Placement.group == group)
    rows = await tx.session.scalars(chosen.order_by(Placement.invited, Placement.invite))
    placed: dict[tuple[str, str], list[Placement]] = {}
    for row in rows.all():
        placed.setdefault((row.opening, row.agreement), []).append(row)
    lent = sa.select(NamedPlace).where(
        NamedPlace.opening.in_(iris),
        NamedPlace.group == group,
        NamedPlace.state != PlaceState.PROMISED,
    )
    named: dict[str, list[NamedPlace]] = {}
    for place in (await tx.session.scalars(lent.order_by(NamedPlace.named))).all():
        named.setdefault(place.opening, []).append(place)
    said = sa.select(StaffedOpening).where(StaffedOpening.opening.in_(iris))
    automatic = {
        (one.opening, one.agreement): one.auto_confirm
        for one in (await tx.session.scalars(said)).all()
    }
    called = await _names(tx, group, placed, named)
    lines = [
        _line(
            one,
            [
                _placed(row, called, ring, one)
                for row in _shown(placed.get((one.opening, one.agreement or ""), []))
            ],
            [_named(row, called) for row in named.get(one.opening, ()) if not one.agreement],
            automatic.get((one.opening, one.agreement or ""), True),
        )
        for one in filled
    ]
    lines = await _with_cascades(tx, lines)
    return tuple(sorted(lines, key=lambda one: (not one.open, one.start, one.opening)))


def _shown(rows: Sequence[Placement]) -> list[Placement]:
    """Leave out what gave way: answers before the last, and a placement once its new one stands."""
    replaced = {row.replaces for row in rows if row.state in TAKES_PLACE}
    standing = [row for row in rows if row.state in ASKED and row.invite not in replaced]
    here = {row.person for row in standing}
    past = {row.person: row for row in rows if row.person not in here}
    return [*standing, *past.values()]


async def _names(
    tx: Tx,
    group: Iri,
    placed: dict[tuple[str, str], list[Placement]],
    named: dict[str, list[NamedPlace]],
) -> dict[str, str]:
    persons = {Iri(row.person) for rows in placed.values() for row in rows}
    lent = [row for rows in named.values() for row in rows]
    called = {str(one): name for one, name in (await groups.names_for(tx, group, persons)).items()}
    handles = await groups.handles_of(tx, [Iri(row.person) for row in lent])
    called |= {str(one): handle for one, handle in handles.items()}
    for lender in {row.lender for row in lent}:
        called[lender] = await alliances.name_of(tx, Iri(lender))
    return called


def _placed(
    row: Placement, called: dict[str, str], ring: Collection[Iri], filled: OpeningToFill
) -> PersonAt:
    allies = {one.agreement: one.ally_name for one in filled.promises}
    state = "refused" if row.code == "rule" else row.state.value.replace(" ", "_")
    return PersonAt(
        person=Iri(row.person),
        name=called[row.person],
        state=state,
        invite=row.invite,
        code=row.code,
        reply_by=row.reply_by,
        hold_until=row.hold_until,
        instead=allies.get(Iri(row.instead), "") if row.instead and row.state in PENDING else "",
        ring=row.state is PlacementState.INVITED and row.person in ring,
    )


def _named(row: NamedPlace, called: dict[str, str]) -> PersonAt:
    state = "done" if row.state is PlaceState.DONE else "named"
    return PersonAt(
        person=Iri(row.person), name=called[row.person], state=state, ally=called[row.lender]
    )


def _line(
    one: OpeningToFill, placed: Iterable[PersonAt], named: list[PersonAt], auto_confirm: bool
) -> OpeningAt:
    order = {state.value.replace(" ", "_"): number for number, state in enumerate(ORDER)}
    by_state = sorted(placed, key=lambda each: order.get(each.state, len(order)))
    now = {state.value for state in ASKED}
    standing = [each for each in by_state if each.state in now]
    count = {state: sum(each.state == state for each in standing) for state in now}
    coming = count["confirmed"] + count["done"]
    free = max(one.places - coming - count["confirming"], 0)
    waits = coming + len(named) < one.wanted
    return OpeningAt(
        opening=one.opening,
        agreement=one.agreement,
        job=one.job,
        title=one.title,
        borrower=one.receiver_name,
        skill=one.skill,
        level=one.level,
        certificates=one.certificates,
        languages=one.languages,
        start=one.start,
        end=one.end,
        timezone=one.timezone,
        state="open" if free else "waiting" if waits else "filled",
        wanted=one.wanted,
        places=one.places,
        confirmed=coming,
        confirming=count["confirming"],
        answered=count["answered"],
        invited=count["invited"],
        promised=max(one.lent - len(named), 0),
        named=len(named),
        open=free,
        auto_confirm=auto_confirm,
        people=(*standing, *named),
        past=tuple(each for each in by_state if each.state not in now),
        looking=_looking(one),
        district=one.district,
    )


async def _with_cascades(tx: Tx, lines: Sequence[OpeningAt]) -> list[OpeningAt]:
    """Say of openings how far asking a few people at a time has come there."""
    iris = {one.opening for one in lines}
    rows = await tx.session.scalars(sa.select(Cascade).where(Cascade.opening.in_(iris)))
    found = {(row.opening, row.agreement): _cascade(row) for row in rows}
    return [
        msgspec.structs.replace(one, cascade=found.get((one.opening, one.agreement or "")))
        for one in lines
    ]


def _cascade(row: Cascade) -> CascadeAt:
    return CascadeAt(
        state=row.state.value,
        outcome=row.outcome,
        people=row.people,
        minutes=row.minutes,
        allies=row.allies,
        first_come=row.first_come,
        wave=row.wave,
        left=max(len(row.queue) - row.asked, 0),
        asked_allies=row.asked_allies,
        next_at=row.next_at,
        fair_until=row.fair_until,
    )


def _looking(one: OpeningToFill) -> tuple[LookingAt, ...]:
    return tuple(
        LookingAt(each.agreement, each.ally_name, each.looking)
        for each in one.promises
        if each.looking
    )


def _step(
    at: Sequence[OpeningAt], found: ShortlistView | None, work: Work, asked_allies: dict[str, int]
) -> str:
    """Say what a leader does next."""
    still_open = [one for one in at if one.open]
    said_yes = [(one, each) for one in at for each in one.people if each.state == "answered"]
    if any(one.open or each.instead for one, each in said_yes):
        return "confirm"
    unasked = [
        one for one in still_open if one.open > one.invited + asked_allies.get(one.opening, 0)
    ]
    if not unasked:
        return "wait" if still_open or any(one.state == "waiting" for one in at) else "done"
    told = {one.opening: one for one in found.openings} if found else {}
    if any(one.opening not in told for one in unasked):
        return "find"
    for one in unasked:
        asked = {each.person for each in (*one.people, *one.past)}
        if any(each.person not in asked for each in told[one.opening].suggested):
            return "invite"
    if not work.agreement and any(told[one.opening].unfilled for one in unasked):
        return "allies"
    return "find"
