"""What a change of one of our jobs means for what was borrowed for it, and what was worked."""

from __future__ import annotations

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.jobs import service as jobs
from instance.jobs.events import JobCalledOff, JobChanged, ShiftCalledOff, ShiftMoved
from instance.loans import terms as clauses
from instance.loans.asking import follow_job
from instance.loans.events import LoanMoved
from instance.loans.lending import changed, finish, next_version
from instance.loans.models import Loan, LoanPlace, LoanState, Side
from instance.loans.reading import loan_places, loan_row, loans_at


async def on_job_changed(tx: Tx, event: JobChanged | JobCalledOff) -> None:
    """Tell the allies that were asked what the job says now."""
    await follow_job(tx, event.job)


async def on_shift_moved(tx: Tx, event: ShiftMoved) -> None:
    """Move what was borrowed for a shift along with it; Conflict when the terms forbid that."""
    _, shift = await jobs.shift(tx, event.shift)
    for row, places in await _borrowed(tx, [one.iri for one in shift.openings]):
        touched = [one.iri for one in shift.openings if one.iri in places]
        for opening in touched:
            places[opening].starts, places[opening].ends = shift.start, shift.end
        await clauses.check_standing(tx, row, places)
        next_version(tx, row)
        assert row.agreement, "a standing loan has an agreement"
        offer, agreement = Iri(row.offer), Iri(row.agreement)
        for opening in touched:
            moved = LoanMoved(offer, row.side, agreement, opening, event.old_start, event.old_end)
            tx.emit(moved)


async def on_shift_called_off(tx: Tx, event: ShiftCalledOff) -> None:
    """Give back what was borrowed for a shift that does not take place."""
    _, shift = await jobs.shift(tx, event.shift)
    for row, places in await _borrowed(tx, [one.iri for one in shift.openings]):
        gone = tuple(one.iri for one in shift.openings if one.iri in places)
        for opening in gone:
            places[opening].places = 0
        if any(one.places for one in places.values()):
            changed(tx, row, gone, by_us=True)
        else:
            finish(tx, row, "called_off", by_us=True)


async def mark_worked(tx: Tx, agreement: Iri, opening: Iri, side: Side | str) -> None:
    """Note that the hours of one place are in the ledger, so that they count only once.

    Raises NotFound when the agreement has no such place on that side.
    """
    row = await loan_row(tx, agreement, Side(side), lock=True)
    place = (await loan_places(tx, row.id)).get(opening) if row else None
    if place is None:
        raise NotFound
    place.worked = min(place.worked + 1, place.places)


async def _borrowed(tx: Tx, openings: list[Iri]) -> list[tuple[Loan, dict[Iri, LoanPlace]]]:
    found = []
    for view in await loans_at(tx, openings, Side.BORROWER):
        row = await tx.get(Loan, view.id)
        if row and row.state is LoanState.STANDING:
            found.append((row, await loan_places(tx, row.id)))
    return found
