"""Places at our openings that allies promised, and places given back because ours fill them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.loans.lending import give
from instance.loans.models import Loan, LoanPlace, LoanState, Side
from instance.loans.reading import loan_places, loan_row


class PromisedBy(msgspec.Struct, frozen=True):
    """How many places at one opening of ours an ally promises by a standing Agreement."""

    agreement: Iri
    ally: Iri
    ally_name: str
    opening: Iri
    places: int


async def promised_by(tx: Tx, openings: Iterable[Iri]) -> list[PromisedBy]:
    """List what allies promise at any of these openings, the oldest Agreement first."""
    statement = (
        sa.select(Loan.agreement, Loan.ally, Loan.ally_name, LoanPlace.opening, LoanPlace.places)
        .join(LoanPlace, LoanPlace.loan_id == Loan.id)
        .where(
            LoanPlace.opening.in_(list(openings)),
            LoanPlace.places > 0,
            Loan.side == Side.BORROWER,
            Loan.state == LoanState.STANDING,
        )
        .order_by(Loan.accepted, Loan.id)
    )
    return [
        PromisedBy(Iri(agreement or ""), Iri(ally), name, Iri(opening), places)
        for agreement, ally, name, opening, places in await tx.session.execute(statement)
    ]


async def give_back(tx: Tx, agreement: Iri, opening: Iri, decision: str | None) -> None:
    """Give an ally one place back that somebody of ours has promised to fill.

    `decision` is the entry in the log by which she was asked. Nothing happens when the Agreement
    stands no longer, has no such place, or the work has begun: nobody is called off then.
    """
    row = await loan_row(tx, agreement, Side.BORROWER, lock=True)
    if row is None or row.state is not LoanState.STANDING:
        return
    places = await loan_places(tx, row.id)
    place = places.get(opening)
    if place is None or not place.places or place.starts <= tx.now:
        return
    row.decision = decision
    give(tx, row, places, opening, 1)
