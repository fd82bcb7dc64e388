"""Keep what an ally says of a loan: offered, accepted, refused, changed, ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.loans import terms as clauses
from instance.loans.events import LoanMoved, LoanOffered
from instance.loans.lending import changed, finish, refuse, stand, write_loan
from instance.loans.models import Ask, EarlyEnd, Loan, LoanPlace, LoanState, Side
from instance.loans.reading import ask_views, loan_places
from instance.loans.views import Promised

LIVE = (LoanState.OFFERED, LoanState.STANDING)


async def record_offer(
    tx: Tx,
    ask: Ask,
    offer: Iri,
    job_updated: datetime,
    offered: Sequence[Promised],
    replaces: Loan | None = None,
) -> None:
    """Keep what an ally offers for an ask of ours; refuse it at once when it breaks a clause.

    An offer that replaces a standing loan with fewer places is accepted at once when the notice
    is kept; otherwise a leader answers.
    """
    if await ended_before(tx, offer, Iri(ask.ally)):
        return
    view = (await ask_views(tx, [ask]))[0]
    known = {one.opening for one in view.places}
    kept = [one for one in offered if one.opening in known]  # the rest is refused as a whole
    row = await write_loan(tx, ask, Side.BORROWER, offer, kept)
    row.job_updated = job_updated
    row.replaces = replaces.offer if replaces else None
    # what is checked next reads the rows just written
    await tx.session.flush()
    try:
        in_time = await _check(tx, ask, row, offered, replaces)
    except Conflict as error:
        refuse(tx, row, error.code, str(error))
        return
    if replaces and in_time:
        assert replaces.agreement, "a standing loan has an agreement"
        await stand(tx, row, Iri(replaces.agreement))
        return
    tx.emit(LoanOffered(offer, Side.BORROWER, Iri(row.group), Iri(row.ally)))


async def record_accept(
    tx: Tx, row: Loan, accept: Iri, agreement: Iri, updated: datetime, result: Sequence[Promised]
) -> None:
    """Keep that an ally accepted what we offered; a second Accept changes nothing.

    Raises Conflict when the result is not what was offered.
    """
    places = await loan_places(tx, row.id)
    if {one.opening: one.places for one in result} != _numbers(places):
        raise Conflict("What was accepted is not what was offered.", code="loan.result")
    if row.state is not LoanState.OFFERED:
        return
    row.accept = accept
    await stand(tx, row, agreement)
    row.updated = updated
    if await ended_before(tx, accept, Iri(row.ally)):
        finish(tx, row, "called_off", by_us=False)


def record_refusal(tx: Tx, row: Loan, code: str, text: str) -> None:
    """Keep that an ally refused what we offered."""
    if row.state is LoanState.OFFERED:
        refuse(tx, row, code, text)


def record_end(tx: Tx, row: Loan, code: str) -> None:
    """Keep that the ally ended a loan, or took its offer back."""
    if row.state in LIVE:
        finish(tx, row, code, by_us=False)


async def record_change(
    tx: Tx, row: Loan, updated: datetime, result: Sequence[Promised], release: tuple[Iri, ...]
) -> None:
    """Keep what the borrower changed: fewer places, or other hours. Older versions are ignored.

    Raises Conflict for places that we never promised. Hours that break the terms end the loan.
    """
    places = await loan_places(tx, row.id)
    named = {one.opening: one for one in result}
    if named.keys() - places.keys() or any(
        one.places > places[one.opening].places for one in result
    ):
        raise Conflict("An agreement is not made larger by one side.", code="loan.places")
    if row.state is not LoanState.STANDING or updated <= row.updated:
        return
    row.updated = updated
    fewer = tuple(
        one
        for one, place in places.items()
        if (named[one].places if one in named else 0) < place.places
    )
    for opening, place in places.items():
        place.places = named[opening].places if opening in named else 0
        _move(tx, row, place, named.get(opening))
    if fewer:
        changed(tx, row, fewer, by_us=False, release=release)
    await _end_if_broken(tx, row, places)


async def remember_end(tx: Tx, activity: Iri, actor: Iri) -> None:
    """Remember a Delete or Undo that came before what it ends."""
    if await tx.get(EarlyEnd, (activity, actor)) is None:
        tx.session.add(EarlyEnd(activity=activity, actor=actor, at=tx.now))


async def ended_before(tx: Tx, activity: Iri, actor: Iri) -> bool:
    """Tell whether an activity was ended before it came."""
    return await tx.get(EarlyEnd, (activity, actor)) is not None


async def _check(
    tx: Tx, ask: Ask, row: Loan, offered: Sequence[Promised], replaces: Loan | None
) -> bool:
    """Raise Conflict when an offer fits no ask or no terms; tell whether its notice is kept."""
    view = (await ask_views(tx, [ask]))[0]
    terms = await clauses.lock(tx, view.group, view.ally)
    if replaces is None:
        await clauses.check_versions(tx, view, row)
        row.state = LoanState.REFUSED  # not to be counted against itself
        await clauses.check_offer(tx, terms, view, offered, "borrow")
        row.state = LoanState.OFFERED
        return False
    return await _check_fewer(tx, terms, offered, replaces)


async def _check_fewer(
    tx: Tx, terms: alliances.Terms, offered: Sequence[Promised], replaces: Loan
) -> bool:
    before = await loan_places(tx, replaces.id)
    after = {one.opening: one.places for one in offered}
    standing = replaces.state is LoanState.STANDING
    if not standing or not _is_less(after, _numbers(before)):
        raise Conflict("Only fewer places replace what was agreed.", code="replaces.more")
    try:
        for opening, place in before.items():
            if after.get(opening, 0) < place.places:
                alliances.check_notice(terms, start=place.starts, now=tx.now)
    except Conflict:
        return False
    return True


def _is_less(after: Mapping[Iri, int], before: Mapping[Iri, int]) -> bool:
    fits = all(0 < number <= before.get(one, 0) for one, number in after.items())
    return fits and after != before


def _numbers(places: Mapping[Iri, LoanPlace]) -> dict[Iri, int]:
    return {one: place.places for one, place in places.items() if place.places}


def _move(tx: Tx, row: Loan, place: LoanPlace, now: Promised | None) -> None:
    if now is None or (now.start, now.end) == (place.starts, place.ends):
        return
    old_start, old_end = place.starts, place.ends
    place.starts, place.ends = now.start, now.end
    assert row.agreement, "a standing loan has an agreement"
    offer, agreement, opening = Iri(row.offer), Iri(row.agreement), Iri(place.opening)
    tx.emit(LoanMoved(offer, row.side, agreement, opening, old_start, old_end))


async def _end_if_broken(tx: Tx, row: Loan, places: Mapping[Iri, LoanPlace]) -> None:
    """End a loan whose hours the borrower moved beyond the terms, naming the clause."""
    try:
        await clauses.check_standing(tx, row, places)
    except (Conflict, NotFound) as error:
        row.reason = str(error)
        finish(tx, row, error.code, by_us=True)
