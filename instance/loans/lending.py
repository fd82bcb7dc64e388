"""Offer labour to an ally, accept it, give it back: what our own leaders do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.loans import terms as clauses
from instance.loans.events import (
    LoanAccepted,
    LoanChanged,
    LoanEnded,
    LoanOffered,
    LoanRefused,
)
from instance.loans.models import Ask, Loan, LoanPlace, LoanState, Side
from instance.loans.reading import ask_row, ask_views, loan_places, loan_row
from instance.loans.views import Promised
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer


async def offer_loan(tx: Tx, viewer: Viewer, ask: Iri, places: Mapping[Iri, int]) -> Iri:
    """Offer an ally places it asked for, at most as many; return the Offer's IRI.

    Raises NotFound for somebody who does not lead the group, Conflict naming the clause that the
    loan would break, or saying that the ask is over.
    """
    row = await ask_row(tx, ask, Side.LENDER, lock=True)
    if row is None:
        raise NotFound
    group, ally = Iri(row.group), Iri(row.ally)
    await people.require_leader(tx, viewer, group)
    terms = await clauses.lock(tx, group, ally)
    view = (await ask_views(tx, [row]))[0]
    offered = clauses.chosen(view, places)
    await clauses.check_offer(tx, terms, view, offered, "lend")
    loan = await write_loan(tx, row, Side.LENDER, tx.federation.new_id(), offered)
    loan.decision = await _note(tx, viewer, loan, "offered", "Places were offered to %(ally)s.")
    tx.emit(LoanOffered(Iri(loan.offer), Side.LENDER, group, ally))
    return Iri(loan.offer)


async def accept_loan(tx: Tx, viewer: Viewer, loan: Iri) -> None:
    """Accept what an ally offers; raises Conflict, naming the clause, when that no longer fits."""
    row = await _of(tx, viewer, loan, Side.BORROWER, LoanState.OFFERED)
    terms = await clauses.lock(tx, Iri(row.group), Iri(row.ally))
    await clauses.check_accept(tx, terms, row)
    row.decision = await _note(
        tx, viewer, row, "accepted", "Places %(ally)s offered were accepted."
    )
    await stand(tx, row, tx.federation.new_id("agreements"))


async def refuse_loan(tx: Tx, viewer: Viewer, loan: Iri, reason: str = "") -> None:
    """Refuse what an ally offers; raises Conflict when it is no longer offered."""
    row = await _of(tx, viewer, loan, Side.BORROWER, LoanState.OFFERED)
    row.decision = await _note(tx, viewer, row, "refused", "Places %(ally)s offered were refused.")
    refuse(tx, row, "loan.refused", reason)


async def shrink_loan(
    tx: Tx,
    viewer: Viewer,
    loan: Iri,
    opening: Iri,
    by: int = 1,
    release: Sequence[Iri] = (),
) -> None:
    """Give an ally back places at one opening that we fill otherwise.

    `release` names the promises to let go, if any are confirmed; else the lender chooses. With
    the last place the loan ends. Raises Conflict once the work has begun.
    """
    row = await _of(tx, viewer, loan, Side.BORROWER, LoanState.STANDING)
    places = await loan_places(tx, row.id)
    place = places.get(opening)
    if place is None or not 0 < by <= place.places:
        raise NotFound
    _before_the_start(tx, [place])
    row.decision = await _note(tx, viewer, row, "shrunk", "Places were given back to %(ally)s.")
    give(tx, row, places, opening, by, tuple(release))


async def end_loan(tx: Tx, viewer: Viewer, loan: Iri, reason: str = "") -> None:
    """End what we borrow; raises Conflict once its work has begun."""
    row = await _of(tx, viewer, loan, Side.BORROWER, LoanState.STANDING)
    _before_the_start(tx, list((await loan_places(tx, row.id)).values()))
    row.decision = await _note(tx, viewer, row, "ended", "A loan from %(ally)s was ended.")
    row.reason = reason[:1_000]
    finish(tx, row, "called_off", by_us=True)


async def take_back(
    tx: Tx, viewer: Viewer, loan: Iri, places: Mapping[Iri, int] | None = None, reason: str = ""
) -> None:
    """Take back what we lend: all of it, or all but `places` (by opening).

    A part is a new Offer that replaces the old, which the borrower accepts by itself when the
    notice is kept. Raises Conflict, naming the clause, when it is too late for that.
    """
    row = await _of(tx, viewer, loan, Side.LENDER, LoanState.STANDING, LoanState.OFFERED)
    kept = await loan_places(tx, row.id)
    left = {one: (places or {}).get(one, 0) for one in kept}
    if any(not 0 <= number <= kept[one].places for one, number in left.items()):
        raise Conflict("More cannot be left than was lent.", code="loan.places")
    if row.state is LoanState.STANDING:
        await _check_notice(tx, row, [kept[one] for one in kept if left[one] < kept[one].places])
    text = "Places lent to %(ally)s were taken back."
    row.decision = await _note(tx, viewer, row, "taken_back", text)
    row.reason = reason[:1_000]
    if not any(left.values()):
        finish(tx, row, "taken_back", by_us=True)
        return
    await _offer_instead(tx, row, kept, left)


# Rows ------------------------------------------------------------------------------------------


async def stand(tx: Tx, row: Loan, agreement: Iri) -> None:
    """Let an offered loan stand on our side, in place of the one that it replaces."""
    row.state, row.accepted, row.agreement = LoanState.STANDING, tx.now, agreement
    next_version(tx, row)
    if row.side is Side.BORROWER:
        row.accept = tx.federation.new_id()
    group, ally, offer = Iri(row.group), Iri(row.ally), Iri(row.offer)
    tx.emit(LoanAccepted(offer, row.side, group, ally, agreement))
    if row.replaces and (old := await loan_row(tx, row.replaces, row.side)):
        fewer = await _carry_over(tx, old, row)
        old.state, old.ended = LoanState.REPLACED, tx.now
        tx.emit(LoanChanged(offer, row.side, agreement, fewer, row.side is Side.LENDER))


def refuse(tx: Tx, row: Loan, code: str, text: str) -> None:
    """Let an offered loan be refused, with the clause or the reason."""
    row.state, row.ended, row.code, row.reason = LoanState.REFUSED, tx.now, code, text[:1_000]
    tx.emit(LoanRefused(Iri(row.offer), row.side, code, row.reason))


def finish(tx: Tx, row: Loan, code: str, *, by_us: bool) -> None:
    """Let a loan be over before its work was done."""
    was_standing = row.state is LoanState.STANDING
    row.state = LoanState.ENDED if was_standing else LoanState.WITHDRAWN
    row.ended, row.code = tx.now, code
    agreement = Iri(row.agreement) if row.agreement else None
    group, ally = Iri(row.group), Iri(row.ally)
    tx.emit(LoanEnded(Iri(row.offer), row.side, group, ally, agreement, code, by_us))


def give(
    tx: Tx,
    row: Loan,
    places: Mapping[Iri, LoanPlace],
    opening: Iri,
    by: int,
    release: tuple[Iri, ...] = (),
) -> None:
    """Let a loan we have taken shrink at one opening; with its last place it ends."""
    places[opening].places -= by
    if any(one.places for one in places.values()):
        changed(tx, row, (opening,), by_us=True, release=release)
    else:
        finish(tx, row, "called_off", by_us=True)


def changed(
    tx: Tx, row: Loan, openings: tuple[Iri, ...], *, by_us: bool, release: tuple[Iri, ...] = ()
) -> None:
    """Let a standing loan have a new version."""
    assert row.agreement, "a standing loan has an agreement"
    agreement = Iri(row.agreement)
    if by_us:
        next_version(tx, row)
    tx.emit(LoanChanged(Iri(row.offer), row.side, agreement, openings, by_us, release))


def next_version(tx: Tx, row: Loan) -> None:
    """Date the agreement anew: later than its last version, in whole seconds, as the wire has."""
    row.updated = max(tx.now.replace(microsecond=0), row.updated + timedelta(seconds=1))


async def write_loan(tx: Tx, ask: Ask, side: Side, offer: Iri, offered: Sequence[Promised]) -> Loan:
    """Write one side's row of an offered loan, with its places."""
    row = Loan(
        id=tx.federation.new_id("loans").rpartition("/")[2],
        offer=offer,
        side=side,
        group=ask.group,
        ally=ask.ally,
        ally_name=ask.ally_name,
        ask_id=ask.id,
        state=LoanState.OFFERED,
        job_updated=ask.job_updated,
        updated=tx.now.replace(microsecond=0),
        offered=tx.now,
    )
    tx.session.add(row)
    # the places' foreign key needs the row to stand first
    await tx.session.flush()
    for one in offered:
        tx.session.add(
            LoanPlace(
                loan_id=row.id,
                opening=one.opening,
                places=one.places,
                worked=0,
                starts=one.start,
                ends=one.end,
            )
        )
    return row


async def _offer_instead(
    tx: Tx, row: Loan, kept: Mapping[Iri, LoanPlace], left: Mapping[Iri, int]
) -> None:
    ask = await tx.get(Ask, row.ask_id)
    assert ask, "a loan has an ask"
    promised = [
        Promised(one, number, kept[one].starts, kept[one].ends)
        for one, number in left.items()
        if number
    ]
    instead = await write_loan(tx, ask, Side.LENDER, tx.federation.new_id(), promised)
    instead.replaces, instead.decision, instead.reason = row.offer, row.decision, row.reason
    instead.job_updated = row.job_updated
    tx.emit(LoanOffered(Iri(instead.offer), Side.LENDER, Iri(row.group), Iri(row.ally)))


async def _carry_over(tx: Tx, old: Loan, row: Loan) -> tuple[Iri, ...]:
    """Carry over what was worked already; return the openings with fewer places than before."""
    before, now = await loan_places(tx, old.id), await loan_places(tx, row.id)
    for opening, place in now.items():
        place.worked = before[opening].worked if opening in before else 0
    return tuple(
        one for one, place in before.items() if one not in now or now[one].places < place.places
    )


async def _of(tx: Tx, viewer: Viewer, loan: Iri, side: Side, *states: LoanState) -> Loan:
    row = await loan_row(tx, loan, side, lock=True)
    if row is None:
        raise NotFound
    await people.require_leader(tx, viewer, Iri(row.group))
    if row.state not in states:
        raise Conflict("This loan has moved on meanwhile.", code="loan.over")
    return row


async def _check_notice(tx: Tx, row: Loan, fewer: Sequence[LoanPlace]) -> None:
    try:
        terms = await alliances.require_ally(tx, Iri(row.group), Iri(row.ally))
    except NotFound:
        return _before_the_start(tx, fewer)
    for place in fewer:
        alliances.check_notice(terms, start=place.starts, now=tx.now)
    return None


def _before_the_start(tx: Tx, places: Sequence[LoanPlace]) -> None:
    if any(one.starts <= tx.now for one in places if one.places):
        raise Conflict("The work has begun already.", code="loan.begun")


async def _note(tx: Tx, viewer: Viewer, row: Loan, kind: str, text: str) -> str:
    return await transparency.note(
        tx,
        f"loans.{kind}",
        by=viewer.person,
        group=Iri(row.group),
        text=text,
        ally=row.ally_name,
    )
