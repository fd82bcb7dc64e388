"""Ask an ally for labour; take the ask back; keep what an ally asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.jobs import service as jobs
from instance.loans.events import AskChanged, AskWithdrawn, LoanAsked
from instance.loans.models import Ask, AskPlace, AskState, Side
from instance.loans.reading import ask_row, asks, lent_openings, minutes_left
from instance.loans.views import Asked, PlaceView, minutes_of
from instance.people import service as people
from instance.skills import service as skills
from instance.transparency import service as transparency
from instance.viewer import Viewer

MOST_PLACES = 500
MOST_OPEN = 200


async def ask_ally(
    tx: Tx,
    viewer: Viewer,
    group: Iri,
    ally: Iri,
    job: Iri,
    places: Mapping[Iri, int],
    until: datetime,
) -> Iri:
    """Ask one ally for places at openings of a job of ours, until a moment; return the ask's IRI.

    Raises NotFound for somebody who does not lead the group or when they were never allies, Invalid
    for places or a moment that cannot be meant, Conflict naming the clause that the loan would
    break.
    """
    await people.require_leader(tx, viewer, group)
    terms = await _lock(tx, viewer, group, ally)
    found = await _our_job(tx, group, job, places)
    asked = _asked(tx, found, places, until, terms)
    check(terms, asked.places, asked.break_minutes, await minutes_left(tx, group, ally, "borrow"))
    await transparency.note(
        tx,
        "loans.asked",
        by=viewer.person,
        group=group,
        text="%(places)s places were asked of %(ally)s.",
        places=sum(places.values()),
        ally=await alliances.name_of(tx, ally),
    )
    await write(tx, Side.BORROWER, group, ally, asked)
    tx.emit(LoanAsked(asked.iri, Side.BORROWER, group, ally))
    return asked.iri


async def withdraw_ask(tx: Tx, viewer: Viewer, ask: Iri) -> None:
    """Take an ask back; what was agreed already stands. Raises NotFound, or Conflict when over."""
    row = await _of(tx, viewer, ask, Side.BORROWER)
    row.state = AskState.WITHDRAWN
    tx.emit(AskWithdrawn(ask, Side.BORROWER))


async def decline_ask(tx: Tx, viewer: Viewer, ask: Iri) -> None:
    """Put an ally's ask aside; the ally sees that nothing was offered when its time is over."""
    row = await _of(tx, viewer, ask, Side.LENDER)
    row.state = AskState.DECLINED


def check(
    terms: alliances.Terms, places: tuple[PlaceView, ...], break_minutes: int, left: int
) -> None:
    """Raise Conflict, naming the clause, when the terms do not allow these places."""
    wanted = [one for one in places if one.places]
    if not wanted:
        raise Conflict("There are no places in this.", code="loan.empty")
    alliances.check_loan(
        terms,
        start=min(one.start for one in wanted),
        end=max(one.end for one in wanted),
        minutes=sum(minutes_of(one.start, one.end, break_minutes, one.places) for one in wanted),
        minutes_left=left,
    )


# What an ally asks -----------------------------------------------------------------------------


async def record_ask(tx: Tx, group: Iri, ally: Iri, asked: Asked) -> None:
    """Keep what an ally asks of one of our groups; raise NotFound when it is no ally.

    Raises Conflict when it asks for what was lent to it (one hop only), or for too much at once.
    """
    await alliances.require_ally(tx, group, ally)
    if await ask_row(tx, asked.iri, Side.LENDER):
        return
    if len([one for one in await asks(tx, group, Side.LENDER) if one.ally == ally]) >= MOST_OPEN:
        raise Conflict("Too many asks are open already.", code="ask.too_many")
    await write(tx, Side.LENDER, group, ally, asked)
    tx.emit(LoanAsked(asked.iri, Side.LENDER, group, ally))


async def record_changed_ask(tx: Tx, row: Ask, asked: Asked) -> None:
    """Keep what an ally asks now instead, if that is newer than what we know."""
    if asked.job_updated < row.job_updated or row.state is AskState.WITHDRAWN:
        return
    await _change(tx, row, asked)


def record_withdrawn_ask(tx: Tx, row: Ask) -> None:
    """Keep that an ally asks no longer."""
    row.state = AskState.WITHDRAWN
    tx.emit(AskWithdrawn(Iri(row.iri), Side.LENDER))


# When a job of ours changes --------------------------------------------------------------------


async def follow_job(tx: Tx, job: Iri) -> None:
    """Tell allies anew what is asked for a job that changed; drop openings that are gone."""
    found = await jobs.job(tx, job)
    chosen = sa.select(Ask).where(
        Ask.job == job, Ask.side == Side.BORROWER, Ask.state == AskState.OPEN, Ask.until > tx.now
    )
    for row in (await tx.session.scalars(chosen)).all():
        await _follow(tx, row, found)


async def _follow(tx: Tx, row: Ask, job: jobs.JobView | None) -> None:
    kept = await _places_of(tx, row.id)
    standing = _openings(job) if job else {}
    wanted = {one: number for one, number in kept.items() if one in standing}
    terms = await _terms(tx, row)
    if job is None or not wanted or terms is None:
        row.state = AskState.WITHDRAWN
        tx.emit(AskWithdrawn(Iri(row.iri), Side.BORROWER))
        return
    if job.updated == row.job_updated:
        return
    asked = _asked(tx, job, wanted, row.until, terms, iri=Iri(row.iri))
    await _change(tx, row, asked)
    tx.emit(AskChanged(Iri(row.iri)))


async def _terms(tx: Tx, row: Ask) -> alliances.Terms | None:
    try:
        return await alliances.require_ally(tx, Iri(row.group), Iri(row.ally))
    except NotFound:
        return None


# Rows ------------------------------------------------------------------------------------------


async def write(tx: Tx, side: Side, group: Iri, ally: Iri, asked: Asked) -> Ask:
    """Write one side's row of an ask, with its places."""
    row = Ask(
        id=tx.federation.new_id("asks").rpartition("/")[2],
        iri=asked.iri,
        side=side,
        group=group,
        ally=ally,
        ally_name=await alliances.name_of(tx, ally),
        state=AskState.OPEN,
        asked=tx.now,
        updated=tx.now,
    )
    _fill(row, asked)
    tx.session.add(row)
    # the places' foreign key needs the row to stand first
    await tx.session.flush()
    _add_places(tx, row.id, asked.places)
    return row


def _fill(row: Ask, asked: Asked) -> None:
    for name in Asked.__struct_fields__:
        if name not in {"iri", "places"}:
            setattr(row, name, getattr(asked, name))


def _add_places(tx: Tx, ask_id: str, places: tuple[PlaceView, ...]) -> None:
    for one in places:
        values = msgspec.structs.asdict(one)
        values |= {"starts": values.pop("start"), "ends": values.pop("end")}
        values |= {name: list(values[name]) for name in ("certificates", "languages")}
        tx.session.add(AskPlace(ask_id=ask_id, **values))


async def _change(tx: Tx, row: Ask, asked: Asked) -> None:
    """Let an ask be for other places; those it is no longer for stay known, with none wanted."""
    _fill(row, asked)
    row.updated = tx.now
    chosen = sa.select(AskPlace).where(AskPlace.ask_id == row.id)
    known = {place.opening: place for place in (await tx.session.scalars(chosen)).all()}
    wanted = {one.opening: one for one in asked.places}
    for opening, place in known.items():
        now = wanted.get(Iri(opening))
        place.places = now.places if now else 0
        if now:
            place.starts, place.ends = now.start, now.end
    _add_places(tx, row.id, tuple(one for key, one in wanted.items() if key not in known))


async def _places_of(tx: Tx, ask_id: str) -> dict[Iri, int]:
    chosen = sa.select(AskPlace.opening, AskPlace.places).where(AskPlace.ask_id == ask_id)
    return {Iri(opening): places for opening, places in await tx.session.execute(chosen)}


async def _of(tx: Tx, viewer: Viewer, ask: Iri, side: Side) -> Ask:
    row = await ask_row(tx, ask, side, lock=True)
    if row is None:
        raise NotFound
    await people.require_leader(tx, viewer, Iri(row.group))
    if row.state is not AskState.OPEN:
        raise Conflict("This ask is over.", code="ask.over")
    return row


async def _lock(tx: Tx, viewer: Viewer, group: Iri, ally: Iri) -> alliances.Terms:
    """Take the alliance's row and return its terms; Conflict when it is over, or NotFound."""
    try:
        return await alliances.lock_ally(tx, group, ally)
    except NotFound:
        known = await alliances.alliances(tx, viewer, group)
        if any(one.ally == ally and one.state in {"active", "ended"} for one in known):
            raise Conflict("The alliance between you is over.", code="terms.ended") from None
        raise


async def _our_job(tx: Tx, group: Iri, job: Iri, places: Mapping[Iri, int]) -> jobs.JobView:
    """Return the job if it is the group's own and open; what is borrowed is never lent on."""
    if any(one.opening in places for one in await lent_openings(tx, group)):
        raise Conflict(
            "The clause on lending on: what you fill for one ally, you do not ask of another.",
            code="terms.one_hop",
        )
    found = await jobs.require_job(tx, job)
    if found.group != group:
        raise NotFound
    if found.state is not jobs.JobState.OPEN:
        raise Conflict("This job is closed.", code="job.closed")
    return found


def _asked(
    tx: Tx,
    job: jobs.JobView,
    places: Mapping[Iri, int],
    until: datetime,
    terms: alliances.Terms,
    iri: Iri | None = None,
) -> Asked:
    openings = _openings(job)
    wanted = {one: number for one, number in places.items() if number}
    if not wanted or sum(wanted.values()) > MOST_PLACES or min(wanted.values()) < 0:
        raise Invalid("Say how many people you ask for.", field="places")
    if wanted.keys() - openings.keys():
        raise NotFound
    for one, number in wanted.items():
        if number > openings[one][1].count:
            raise Invalid("You ask for more people than the job needs.", field="places")
    chosen = [_place(*openings[one], number) for one, number in wanted.items()]
    first = min(one.start for one in chosen)
    if iri is None and not tx.now < until <= first:
        raise Invalid("Ask for an answer before the work starts.", field="until")
    return Asked(
        iri=iri or tx.federation.new_id("asks"),
        job=job.iri,
        job_updated=job.updated,
        title=job.title,
        district=skills.places().district(job.district, job.language) if job.district else "",
        break_minutes=job.break_minutes,
        rate_cents_per_hour=terms.rate_cents_per_hour,
        currency=terms.currency,
        levy_percent=terms.levy_percent,
        until=until,
        places=tuple(chosen),
    )


def _openings(job: jobs.JobView) -> dict[Iri, tuple[jobs.ShiftView, jobs.OpeningView]]:
    return {one.iri: (shift, one) for shift in job.standing for one in shift.openings}


def _place(shift: jobs.ShiftView, opening: jobs.OpeningView, places: int) -> PlaceView:
    return PlaceView(
        opening=opening.iri,
        places=places,
        skill=opening.skill,
        level=opening.level,
        certificates=opening.certificates,
        languages=opening.languages,
        start=shift.start,
        end=shift.end,
        timezone=shift.timezone,
    )
