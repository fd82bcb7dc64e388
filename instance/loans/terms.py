"""Which offers fit an ask and the terms; one table of clauses for both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.jobs import service as jobs
from instance.loans.models import Ask, AskState, Loan, LoanPlace, LoanState, Side
from instance.loans.reading import ask_views, loan_places, minutes_left, promised
from instance.loans.views import AskView, Promised, minutes_of


async def lock(tx: Tx, group: Iri, ally: Iri) -> alliances.Terms:
    """Take the alliance's row and return its terms; raise Conflict when it is over."""
    try:
        return await alliances.lock_ally(tx, group, ally)
    except NotFound as error:
        raise Conflict("The alliance between you is over.", code="terms.ended") from error


def chosen(ask: AskView, places: Mapping[Iri, int]) -> tuple[Promised, ...]:
    """Return the places at an ask's openings that somebody chose; Conflict for unknown ones."""
    known = {one.opening: one for one in ask.places}
    if places.keys() - known.keys():
        raise Conflict("This was not asked for.", code="ask.places")
    return tuple(
        Promised(one, number, known[one].start, known[one].end)
        for one, number in places.items()
        if number
    )


async def check_offer(
    tx: Tx,
    terms: alliances.Terms,
    ask: AskView,
    offered: Sequence[Promised],
    direction: str,
    *,
    replaces: Loan | None = None,
) -> None:
    """Raise Conflict, with a code, when an offer fits neither what was asked nor the terms.

    `direction` is `lend` on the lender's side and `borrow` on the borrower's; the same table for
    both.
    """
    if ask.state is AskState.WITHDRAWN:
        raise Conflict("This is asked no longer.", code="ask.withdrawn")
    if ask.lapsed and replaces is None:
        raise Conflict("The time to answer this is over.", code="ask.lapsed")
    _check_places(ask, offered, await _answered(tx, ask, without=replaces))
    if not offered:
        raise Conflict("There are no places in this.", code="loan.empty")
    without = replaces.id if replaces else None
    alliances.check_loan(
        terms,
        start=min(one.start for one in offered),
        end=max(one.end for one in offered),
        minutes=minutes(offered, ask.break_minutes),
        minutes_left=await minutes_left(tx, ask.group, ask.ally, direction, without=without),
    )


async def check_accept(tx: Tx, terms: alliances.Terms, row: Loan) -> None:
    """Raise Conflict when a borrower of ours can no longer accept what was offered."""
    asked = await tx.get(Ask, row.ask_id)
    assert asked, "a loan has an ask"
    view = (await ask_views(tx, [asked]))[0]
    offered = [
        Promised(one, place.places, place.starts, place.ends)
        for one, place in (await loan_places(tx, row.id)).items()
    ]
    await check_versions(tx, view, row)
    await _check_room(tx, offered)
    if min(one.start for one in offered) <= tx.now:
        raise Conflict("The work has begun already.", code="loan.begun")
    pause = view.break_minutes
    alliances.check_loan(
        terms,
        start=min(one.start for one in offered),
        end=max(one.end for one in offered),
        minutes=minutes(offered, pause),
        minutes_left=await minutes_left(tx, view.group, view.ally, "borrow"),
    )


async def check_versions(tx: Tx, ask: AskView, row: Loan) -> None:
    """Raise Conflict when an offer is for a job that is closed, or for an older version of it."""
    job = await jobs.job(tx, ask.job)
    if job is None or job.state is not jobs.JobState.OPEN:
        raise Conflict("This job is closed.", code="job.closed")
    if row.job_updated != job.updated:
        raise Conflict("The job has changed since this was offered.", code="ask.changed")


def minutes(offered: Sequence[Promised], break_minutes: int) -> int:
    """Return the working minutes of promised places."""
    return sum(minutes_of(one.start, one.end, break_minutes, one.places) for one in offered)


def _check_places(ask: AskView, offered: Sequence[Promised], answered: Mapping[Iri, int]) -> None:
    asked = {one.opening: one for one in ask.places}
    for one in offered:
        place = asked.get(one.opening)
        if place is None or not 0 < one.places <= place.places - answered.get(one.opening, 0):
            raise Conflict("More places are offered than were asked for.", code="ask.places")
        if (one.start, one.end) != (place.start, place.end):
            raise Conflict("The hours offered are not those that were asked.", code="ask.changed")


async def _answered(tx: Tx, ask: AskView, without: Loan | None) -> dict[Iri, int]:
    """Count the places of an ask that standing loans, or offers under way, answer already."""
    statement = (
        sa.select(LoanPlace.opening, sa.func.sum(LoanPlace.places))
        .join(Loan, Loan.id == LoanPlace.loan_id)
        .where(
            Loan.ask_id == ask.id,
            Loan.state.in_([LoanState.OFFERED, LoanState.STANDING]),
            Loan.id != (without.id if without else ""),
        )
        .group_by(LoanPlace.opening)
    )
    return {Iri(opening): int(places) for opening, places in await tx.session.execute(statement)}


async def _check_room(tx: Tx, offered: Sequence[Promised]) -> None:
    """Raise Conflict when more places would be promised than an opening has."""
    taken = await promised(tx, [one.opening for one in offered])
    openings = await jobs.openings(tx, [one.opening for one in offered])
    for one in offered:
        if one.opening not in openings:
            raise Conflict("This place is gone from the job.", code="job.closed")
        if taken.get(one.opening, 0) + one.places > openings[one.opening][2].count:
            raise Conflict("All places are promised already.", code="loan.room")


async def check_standing(tx: Tx, row: Loan, places: Mapping[Iri, LoanPlace]) -> None:
    """Raise Conflict, naming the clause, when a standing loan's new hours break the terms."""
    terms = await lock(tx, Iri(row.group), Iri(row.ally))
    ask = await tx.get(Ask, row.ask_id)
    assert ask, "a loan has an ask"
    kept = [
        Promised(one, place.places, place.starts, place.ends)
        for one, place in places.items()
        if place.places
    ]
    if not kept:
        return
    direction = "borrow" if row.side is Side.BORROWER else "lend"
    group, ally = Iri(row.group), Iri(row.ally)
    alliances.check_loan(
        terms,
        start=min(one.start for one in kept),
        end=max(one.end for one in kept),
        minutes=minutes(kept, ask.break_minutes),
        minutes_left=await minutes_left(tx, group, ally, direction, without=row.id),
    )
