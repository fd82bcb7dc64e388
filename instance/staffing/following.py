"""What a change elsewhere means for people who were asked: shifts that move, loans that shrink."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.groups.events import MemberMoved
from instance.jobs import service as jobs
from instance.jobs.events import ShiftCalledOff, ShiftMoved
from instance.loans import service as loans
from instance.loans.events import LoanChanged, LoanEnded, LoanMoved
from instance.staffing import openings, placements
from instance.staffing.inviting import ask_anew
from instance.staffing.models import Placement
from instance.staffing.placement import ASKED, TAKES_PLACE, PlacementState

ENDING = (PlacementState.DONE,)


async def on_shift_moved(tx: Tx, happened: ShiftMoved) -> None:
    """Ask everybody of a shift of ours again for its new time."""
    _, shift = await jobs.shift(tx, happened.shift)
    for one in shift.openings:
        await _ask_all_anew(tx, one.iri, None)


async def on_loan_moved(tx: Tx, happened: LoanMoved) -> None:
    """Ask everybody again whom we placed at an ally's shift that moved."""
    if happened.side == loans.Side.LENDER:
        await _ask_all_anew(tx, happened.opening, happened.agreement)


async def on_shift_called_off(tx: Tx, happened: ShiftCalledOff) -> None:
    """Call everybody of a shift of ours off."""
    _, shift = await jobs.shift(tx, happened.shift)
    for one in shift.openings:
        await placements.call_off_all(tx, await _standing(tx, one.iri, None), "called_off")


async def on_loan_changed(tx: Tx, happened: LoanChanged) -> None:
    """Call off whom a loan has no place for any more: those named, else the last to be asked."""
    if happened.side != loans.Side.LENDER:
        return
    for opening in happened.openings:
        await placements.lock(tx, opening, happened.agreement)
        try:
            places = (await openings.opening(tx, opening, happened.agreement)).places
        except NotFound:
            places = 0
        standing = await _standing(tx, opening, happened.agreement)
        gone = _surplus(standing, places, happened.release)
        await placements.call_off_all(tx, gone, "called_off")


async def on_loan_ended(tx: Tx, happened: LoanEnded) -> None:
    """Call everybody off whom we placed by a loan that is over."""
    if happened.side != loans.Side.LENDER or happened.agreement is None:
        return
    chosen = sa.select(Placement).where(
        Placement.agreement == happened.agreement, Placement.state.in_(ASKED)
    )
    rows = (await tx.session.scalars(chosen.order_by(Placement.invited))).all()
    await placements.call_off_all(tx, rows, "called_off")


async def on_member_moved(tx: Tx, happened: MemberMoved) -> None:
    """Ask the account that a member goes by now for each place that the old one was asked for."""
    chosen = sa.select(Placement).where(
        Placement.group == happened.group,
        Placement.person == happened.old,
        Placement.state.in_([one for one in ASKED if one not in ENDING]),
        Placement.starts > tx.now,
    )
    rows = (await tx.session.scalars(chosen.order_by(Placement.invited))).all()
    await _ask_again(tx, rows, person=happened.new)


async def _ask_all_anew(tx: Tx, opening: Iri, agreement: Iri | None) -> None:
    await placements.lock(tx, opening, agreement)
    await _ask_again(tx, await _standing(tx, opening, agreement))


async def _ask_again(tx: Tx, rows: Sequence[Placement], person: Iri | None = None) -> None:
    """Ask each of these once more; one and the one that it is to replace are one place."""
    takes = {row.invite for row in rows if row.state is PlacementState.CONFIRMED}
    for row in rows:
        if row.invite not in takes and row.replaces in takes:
            await placements.call_off_all(tx, [row], "moved")
            continue
        agreement = Iri(row.agreement) if row.agreement else None
        try:
            filled = await openings.opening(tx, Iri(row.opening), agreement)
        except NotFound:
            continue
        await ask_anew(tx, row, filled, person)


async def _standing(tx: Tx, opening: Iri, agreement: Iri | None) -> Sequence[Placement]:
    """List what stands of an opening's placements and is not over, the first asked first."""
    chosen = sa.select(Placement).where(
        Placement.opening == opening,
        Placement.agreement == (agreement or ""),
        Placement.state.in_([one for one in ASKED if one not in ENDING]),
    )
    found = await tx.session.scalars(
        chosen.order_by(Placement.invited, Placement.invite).execution_options(
            populate_existing=True
        )
    )
    return found.all()


def _surplus(
    rows: Iterable[Placement], places: int, release: Collection[Iri]
) -> Sequence[Placement]:
    """Choose whom to let go: whose promise is named, then those who have promised least."""
    every = list(rows)
    replaced = {row.replaces for row in every if row.state in TAKES_PLACE}
    holding = [row for row in every if row.state in TAKES_PLACE and row.invite not in replaced]
    order = sorted(
        holding,
        key=lambda row: (
            row.commitment not in release,
            row.state is PlacementState.CONFIRMED,
            -row.changed.timestamp(),
            row.invite,
        ),
    )
    gone = order[: max(len(holding) - places, 0)]
    older = {row.replaces for row in gone}
    return [row for row in every if row in gone or row.invite in older]
