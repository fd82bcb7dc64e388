"""Labour between two groups that one leader leads: asked, offered and accepted in one act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.loans import received
from instance.loans import terms as clauses
from instance.loans.asking import ask_ally, write
from instance.loans.lending import accept_loan, end_loan, offer_loan, write_loan
from instance.loans.models import Side
from instance.loans.reading import ask_row, ask_views, loan_row
from instance.loans.views import Asked
from instance.people import service as people
from instance.viewer import Viewer


async def lend_among_own(
    tx: Tx,
    viewer: Viewer,
    borrower: Iri,
    lender: Iri,
    job: Iri,
    places: Mapping[Iri, int],
    until: datetime,
) -> Iri:
    """Lend places of a job to one group of ours from another; return the Agreement.

    It is a loan like any other, by the alliance between the two and within its terms, and every
    message of it is sent; but both sides write in this commit what the other will say, for one
    person answers for both. Those messages then find their rows, and change nothing.

    Raises NotFound for who does not lead both groups, or where they are no allies, Conflict with
    the clause that the loan would break.
    """
    await people.require_leader(tx, viewer, lender)
    ask = await ask_ally(tx, viewer, borrower, lender, job, places, until)
    ours = await ask_row(tx, ask, Side.BORROWER)
    assert ours, "it was just asked"
    view = (await ask_views(tx, [ours]))[0]
    said = {name: getattr(ours, name) for name in Asked.__struct_fields__ if name != "places"}
    await alliances.require_ally(tx, lender, borrower)
    await write(tx, Side.LENDER, lender, borrower, Asked(**said, places=view.places))
    offer = await offer_loan(tx, viewer, ask, places)
    promised = clauses.chosen(view, places)
    taken = await write_loan(tx, ours, Side.BORROWER, offer, promised)
    await accept_loan(tx, viewer, offer)
    given = await loan_row(tx, offer, Side.LENDER)
    assert given, "it was just offered"
    assert taken.accept, "it was just accepted"
    assert taken.agreement, "it was just accepted"
    accept, agreement = Iri(taken.accept), Iri(taken.agreement)
    await received.record_accept(tx, given, accept, agreement, taken.updated, promised)
    return agreement


async def undo_among_own(tx: Tx, viewer: Viewer, agreement: Iri) -> bool:
    """End a loan that one leader made between two groups of hers; False for any other loan."""
    row = await loan_row(tx, agreement, Side.BORROWER)
    if row is None or not await people.is_leader(tx, viewer.person, Iri(row.group)):
        return False
    await end_loan(tx, viewer, Iri(row.offer))
    return True
