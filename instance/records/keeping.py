"""The groups' side: hours arrive, leaders confirm or correct them, and the ledgers move."""

from __future__ import annotations

from federation import Iri
from instance.db import Tx
from instance.errors import Conflict, Forbidden, Invalid, NotFound
from instance.jobs import service as jobs
from instance.ledger import service as ledger
from instance.loans import service as loans
from instance.network import service as network
from instance.people import service as people
from instance.records import books
from instance.records.books import Answer, Place, Statement
from instance.records.entering import LONGEST_DAY, LONGEST_WORDS
from instance.records.events import HoursAccepted, HoursRejected
from instance.records.models import Side, WorkRecord
from instance.records.money import levy_cents, pay_cents
from instance.records.statement import WAITING, HoursState
from instance.staffing import service as staffing
from instance.transparency import service as transparency
from instance.viewer import Viewer


async def record_hours(tx: Tx, said: Statement) -> None:
    """Keep hours that somebody stated, in the book of the group whose job it is and the lender's.

    Raises NotFound when neither lives here or nothing is known of her place yet, Forbidden when
    she was never asked for it.
    """
    kept = [
        await _keep_at_group(tx, said),
        await _keep_at_lender(tx, said) if said.agreement else False,
    ]
    if not any(kept):
        raise NotFound


async def hear_answer(tx: Tx, answer: Answer) -> None:
    """Let a group's Accept or Reject take effect in the books here.

    A lender here that has not heard of the hours yet remembers the answer. Raises NotFound when
    nobody here is concerned, Forbidden when another group has the job.
    """
    hers = await _row(tx, Side.WORKER, answer)
    if hers is not None:
        await _apply(tx, hers, answer)
    lent = await _row(tx, Side.LENDER, answer)
    if lent is not None:
        await _apply(tx, lent, answer)
    elif not await _remember(tx, answer) and hers is None:
        raise NotFound


async def _row(tx: Tx, side: Side, answer: Answer) -> WorkRecord | None:
    row = await books.row_of(tx, side, answer.event)
    if row is not None and row.group != answer.group:
        raise Forbidden("Only the group whose job it was can answer.")
    return row


async def _apply(tx: Tx, row: WorkRecord, answer: Answer) -> None:
    if not answer.accepted:
        await books.reject(tx, row, answer.minutes, answer.words)
    elif await books.accept(tx, row) and row.side is Side.LENDER:
        await _post_loan(tx, row, loans.Side.LENDER)


async def _remember(tx: Tx, answer: Answer) -> bool:
    """Remember an answer for a lender here that lends to the group; strangers are not heard."""
    if not await loans.lends_to(tx, answer.told, answer.group):
        return False
    await books.remember(tx, answer)
    return True


async def confirm(tx: Tx, viewer: Viewer, record: str) -> None:
    """Let stated hours count, as a leader of the group whose job it is."""
    row = await _waiting(tx, viewer, record)
    row.decision = await transparency.note(
        tx,
        "records.confirmed",
        by=viewer.person,
        group=Iri(row.group),
        about=Iri(row.person),
        text="Hours were confirmed: %(minutes)s minutes.",
        minutes=row.minutes,
    )
    await _count(tx, row)


async def correct(tx: Tx, viewer: Viewer, record: str, minutes: int, words: str) -> None:
    """Say other hours than stated, and why; raises Invalid for the same, or without a reason."""
    row = await _waiting(tx, viewer, record)
    if not 0 <= minutes <= LONGEST_DAY:
        raise Invalid("That is longer than a day.", field="minutes")
    if minutes == row.minutes:
        raise Invalid("These are the hours that she stated. You can confirm them.", field="minutes")
    words = words.strip()[:LONGEST_WORDS]
    if not words:
        raise Invalid("Please say in a sentence why.", field="words")
    row.decision = await transparency.note(
        tx,
        "records.corrected",
        by=viewer.person,
        group=Iri(row.group),
        about=Iri(row.person),
        text="Other hours were stated: %(minutes)s minutes instead of %(stated)s.",
        minutes=minutes,
        stated=row.minutes,
    )
    await books.reject(tx, row, minutes, words)
    tx.emit(HoursRejected(Iri(row.event)))


async def _keep_at_group(tx: Tx, said: Statement) -> bool:
    actor = await network.actor(tx, said.group)
    if actor is None or actor.type != "Group":
        return False
    place = await (_borrowed_place(tx, said) if said.agreement else _own_place(tx, said))
    row = await books.write(tx, Side.GROUP, said, place)
    if row is not None:
        await _mark_done(tx, said)
        if await books.is_taken(tx, row):
            await _count(tx, row)
    return True


async def _keep_at_lender(tx: Tx, said: Statement) -> bool:
    assert said.agreement, "only lent hours have a lender"
    try:
        lent = await loans.loan(tx, said.agreement, loans.Side.LENDER)
    except NotFound:
        return False
    if lent.ally != said.group:
        raise Forbidden("This was not agreed with that group.")
    placement = await staffing.known_placement(tx, said.invite)
    if placement is None:
        raise NotFound
    if placement.person != said.person or placement.group != lent.group:
        raise Forbidden("She was not asked for this place.")
    pay = (lent.ask.rate_cents_per_hour, lent.ask.currency)
    placed = placement.state is not staffing.PlacementState.CALLED_OFF
    row = await books.write(tx, Side.LENDER, said, Place(lent.group, *pay, placed))
    if row is not None:
        await staffing.end(tx, said.invite)
        await books.answer_early(tx, row)
        if row.state is HoursState.CONFIRMED:
            await _post_loan(tx, row, loans.Side.LENDER)
    return True


async def _own_place(tx: Tx, said: Statement) -> Place:
    placement = await staffing.known_placement(tx, said.invite)
    if placement is None:
        raise NotFound
    if placement.person != said.person or placement.group != said.group:
        raise Forbidden("She was not asked for this place.")
    job = await jobs.headline(tx, placement.job)
    cents, currency = (job.cents_per_hour, job.currency) if job else (0, "")
    return Place(None, cents, currency, placement.state is not staffing.PlacementState.CALLED_OFF)


async def _borrowed_place(tx: Tx, said: Statement) -> Place:
    assert said.agreement, "only lent hours have a lender"
    borrowed = await loans.loan(tx, said.agreement, loans.Side.BORROWER)
    if borrowed.group != said.group:
        raise Forbidden("This was agreed by another group.")
    named = await staffing.known_place(tx, said.invite)
    taken = named is not None and named.state is not staffing.PlaceState.PROMISED
    known = taken and named is not None and named.person == said.person
    return Place(borrowed.ally, borrowed.ask.rate_cents_per_hour, borrowed.ask.currency, known)


async def _mark_done(tx: Tx, said: Statement) -> None:
    if said.agreement is None:
        await staffing.end(tx, said.invite)
    else:
        named = await staffing.known_place(tx, said.invite)
        if named is not None and named.person == said.person:
            await staffing.end_place(tx, named.announce)


async def _waiting(tx: Tx, viewer: Viewer, record: str) -> WorkRecord:
    row = await books.row_by_id(tx, Side.GROUP, record)
    await people.require_leader(tx, viewer, Iri(row.group))
    if row.state not in WAITING:
        raise Conflict("These hours were confirmed or changed meanwhile.")
    return row


async def _count(tx: Tx, row: WorkRecord) -> None:
    """Let hours count at the group: its book moves and the others are told, in the same commit."""
    if not await books.accept(tx, row):
        return
    if row.lender:
        await _post_loan(tx, row, loans.Side.BORROWER)
    else:
        await _post_own(tx, row)
    tx.emit(HoursAccepted(Iri(row.event)))


async def _post_loan(tx: Tx, row: WorkRecord, side: loans.Side) -> None:
    """Let the borrower owe the lender the minutes, and the levy that the terms name."""
    assert row.lender, "lent hours have a lender"
    assert row.agreement, "lent hours have an agreement"
    agreement = Iri(row.agreement)
    lent = await loans.loan(tx, agreement, side)
    cause, debtor, creditor = Iri(row.event), Iri(row.group), Iri(row.lender)
    await ledger.post(tx, cause, debtor, creditor, row.minutes, ledger.MINUTES, row.ended)
    levy = levy_cents(row.minutes, lent.ask.rate_cents_per_hour, lent.ask.levy_percent)
    if levy:
        await ledger.post(tx, cause, debtor, creditor, levy, lent.ask.currency, row.ended)
    if row.minutes and not await books.counted_before(tx, row):
        await loans.mark_worked(tx, agreement, Iri(row.opening), side)


async def _post_own(tx: Tx, row: WorkRecord) -> None:
    """Write her hours and her pay into the group's own book."""
    cause, group, person = Iri(row.event), Iri(row.group), Iri(row.person)
    await ledger.post(tx, cause, group, person, row.minutes, ledger.MINUTES, row.ended)
    pay = pay_cents(row.minutes, row.cents_per_hour)
    if pay:
        await ledger.post(tx, cause, group, person, pay, row.currency, row.ended)
