"""What borrowers and lenders say to each other: asks, offers, agreements and their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from federation import Activity, Document, Forbidden, Iri, Malformed, TryLater, same_origin
from instance import wire
from instance.db import Tx
from instance.errors import DomainError, NotFound
from instance.groups import service as groups
from instance.loans import asking, received
from instance.loans.documents import (
    agreement_document,
    ask_document,
    read_ask,
    read_places,
    release_of,
    tombstone,
)
from instance.loans.events import (
    AskChanged,
    AskWithdrawn,
    LoanAccepted,
    LoanAsked,
    LoanChanged,
    LoanEnded,
    LoanMoved,
    LoanOffered,
    LoanRefused,
)
from instance.loans.models import Ask, Loan, Side
from instance.loans.reading import ask_row, ask_views, loan_row, loan_views
from instance.loans.views import Asked, AskView, LoanView, Promised

MOST_REASON = 1_000

Read = TypeVar("Read")


def is_ask(activity: Activity) -> bool:
    """Tell whether a Proposal asks one ally for labour: it says by when to answer."""
    return "replyBy" in activity.object


# Sent by the borrower --------------------------------------------------------------------------


async def send_ask(tx: Tx, event: LoanAsked) -> None:
    """Send an ask to the one ally that it is for."""
    if event.side == Side.BORROWER:
        await _send_ask(tx, "Create", event.ask)


async def send_changed_ask(tx: Tx, event: AskChanged) -> None:
    """Tell the ally what is asked now."""
    await _send_ask(tx, "Update", event.ask)


async def send_withdrawn_ask(tx: Tx, event: AskWithdrawn) -> None:
    """Tell the ally that nothing is asked any more."""
    if event.side != Side.BORROWER:
        return
    ask = await _ask(tx, event.ask, Side.BORROWER)
    inner = tombstone(ask.iri)
    delete = wire.envelope(tx, "Delete", ask.group, inner, to=[ask.ally])
    await tx.send(delete, conversation=ask.iri)


async def send_accept(tx: Tx, event: LoanAccepted) -> None:
    """Accept an offer: the result is the borrower's Agreement, equal in quantity."""
    if event.side != Side.BORROWER:
        return
    row, view = await _loan(tx, event.loan, Side.BORROWER)
    result = _agreement(row, view)
    await _say(tx, "Accept", row, view, _offer_stub(row), id=row.accept, result=result)


async def send_refusal(tx: Tx, event: LoanRefused) -> None:
    """Refuse an offer, with the clause or the reason."""
    if event.side != Side.BORROWER:
        return
    row, view = await _loan(tx, event.loan, Side.BORROWER)
    await _say(tx, "Reject", row, view, _offer_stub(row), code=event.code, content=event.text)


async def send_changed(tx: Tx, event: LoanChanged) -> None:
    """Tell the lender that the borrower's Agreement has fewer places now."""
    if event.side == Side.BORROWER and event.by_us:
        await _send_update(tx, event.loan, event.release)


async def send_moved(tx: Tx, event: LoanMoved) -> None:
    """Tell the lender that the hours of the borrower's Agreement moved."""
    if event.side == Side.BORROWER:
        await _send_update(tx, event.loan, ())


# Sent by the lender ----------------------------------------------------------------------------


async def send_offer(tx: Tx, event: LoanOffered) -> None:
    """Offer places to the group that asked for them."""
    if event.side != Side.LENDER:
        return
    row, view = await _loan(tx, event.loan, Side.LENDER)
    offered = agreement_document(
        _promised(view),
        ask=view.ask.iri,
        job=view.ask.job,
        job_updated=row.job_updated,
        break_minutes=view.ask.break_minutes,
    )
    more = {"content": row.reason} if row.reason else {}
    await _say(tx, "Offer", row, view, offered, id=row.offer, replaces=row.replaces, **more)


async def send_end(tx: Tx, event: LoanEnded) -> None:
    """Tell the other side that ours ended a loan, or took its offer back."""
    if not event.by_us:
        return
    row, view = await _loan(tx, event.loan, Side(event.side))
    inner = _offer_stub(row)
    if row.side is Side.BORROWER:
        inner = {"id": row.accept, "type": "Accept", "actor": row.group, "object": inner}
    await _say(tx, "Undo", row, view, inner, code=event.code, content=row.reason or None)


# Received by the lender ------------------------------------------------------------------------


async def receive_ask(tx: Tx, activity: Activity) -> None:
    """Keep what an ally asks of one of our groups, or asks now instead."""
    asked = _read(read_ask, _owned(activity))
    if not same_origin(asked.job, activity.actor) or not same_origin(asked.iri, activity.actor):
        raise Forbidden("Only the group whose job it is asks for labour.")
    row = await ask_row(tx, asked.iri, Side.LENDER, lock=True)
    if row and row.ally != activity.actor:
        raise Forbidden("This ask is somebody else's.")
    if activity.type == "Update":
        if row is None:
            raise TryLater("The ask itself has not come yet.")
        await asking.record_changed_ask(tx, row, asked)
    elif not await received.ended_before(tx, asked.iri, activity.actor):
        await _record_ask(tx, activity, asked)


async def receive_withdrawn_ask(tx: Tx, activity: Activity) -> None:
    """Keep that an ally asks no more."""
    iri = activity.object_id
    if not same_origin(iri, activity.actor):
        raise Forbidden("Only who asked takes it back.")
    row = await ask_row(tx, iri, Side.LENDER, lock=True)
    if row is None:
        await received.remember_end(tx, iri, activity.actor)
    elif row.ally == activity.actor:
        asking.record_withdrawn_ask(tx, row)


async def receive_accept(tx: Tx, activity: Activity) -> None:
    """Keep that the borrower accepted what one of our groups offered."""
    row = await _offered(tx, activity)
    result = _read(_result, activity.document)
    agreement, updated = Iri(result["id"]), _read(_updated, result)
    if result.get("attributedTo") != activity.actor or not same_origin(agreement, activity.actor):
        raise Malformed("The agreement is the borrower's own document.")
    if row.replaces:
        old = await loan_row(tx, row.replaces, Side.LENDER)
        if old is None or old.agreement != agreement:
            raise Malformed("What replaces an agreement keeps its address.")
    elif await _agreement_known(tx, agreement, row):
        raise Malformed("This agreement is another one.")
    places = _read(read_places, result)
    try:
        await received.record_accept(tx, row, activity.id, agreement, updated, places)
    except DomainError as error:
        raise Malformed(str(error)) from error


async def receive_reject(tx: Tx, activity: Activity) -> None:
    """Keep that the borrower refused what one of our groups offered, and why."""
    row = await _offered(tx, activity)
    received.record_refusal(tx, row, *_why(activity, "loan.refused"))


async def receive_change(tx: Tx, activity: Activity) -> None:
    """Keep what the borrower changed in its Agreement: nobody else may."""
    document = _owned(activity)
    row = await loan_row(tx, activity.object_id, Side.LENDER, lock=True)
    if row is None or row.agreement is None:
        raise TryLater("The agreement itself has not come yet.")
    if row.ally != activity.actor:
        raise Forbidden("Only the borrower changes the agreement.")
    places = _read(read_places, document)
    updated, release = _read(_updated, document), _read(release_of, document)
    try:
        await received.record_change(tx, row, updated, places, release)
    except DomainError as error:
        raise Forbidden(str(error)) from error


async def receive_undone_accept(tx: Tx, activity: Activity) -> None:
    """Keep that the borrower ended an agreement."""
    accept, inner = _own(activity), activity.object.get("object")
    offer = inner.get("id") if isinstance(inner, dict) else inner
    row = await loan_row(tx, str(offer), Side.LENDER, lock=True)
    if row is None or row.offer != offer or row.ally != activity.actor:
        raise Malformed("This ends nothing that was lent to its sender.")
    if row.accept is None:
        await received.remember_end(tx, accept, activity.actor)
    elif row.accept == accept:
        _keep_end(tx, row, activity)


# Received by the borrower ----------------------------------------------------------------------


async def receive_offer(tx: Tx, activity: Activity) -> None:
    """Keep what an ally offers for an ask of ours, or refuse it with the clause that it breaks."""
    document = activity.object
    ask = await ask_row(tx, str(document.get("context")), Side.BORROWER, lock=True)
    if ask is None or ask.ally != activity.actor or document.get("job") != ask.job:
        raise Malformed("This offers nothing that its sender was asked for.")
    known = await loan_row(tx, activity.id, Side.BORROWER)
    if known:
        return
    replaces = await _replaced(tx, activity, ask)
    places = _read(read_places, document)
    version = _read(lambda one: wire.moment_of(one["jobUpdated"]), document)
    await received.record_offer(tx, ask, activity.id, version, places, replaces)


async def receive_undone_offer(tx: Tx, activity: Activity) -> None:
    """Keep that the lender ended a loan, or took its offer back."""
    offer = _own(activity)
    row = await loan_row(tx, offer, Side.BORROWER, lock=True)
    if row is None:
        await received.remember_end(tx, offer, activity.actor)
    elif row.offer == offer and row.ally == activity.actor:
        _keep_end(tx, row, activity)


# Reading ---------------------------------------------------------------------------------------


def _read(reader: Callable[[Document], Read], document: Document) -> Read:
    try:
        return reader(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"This cannot be read: {error}") from error


def _owned(activity: Activity) -> Document:
    document = activity.proven_object()
    if document.get("attributedTo") != activity.actor:
        raise Forbidden("This document is somebody else's.")
    return document


def _own(activity: Activity) -> Iri:
    """Return what an Undo takes back; only its own speaker may (FEP-fe34)."""
    iri = activity.object_id
    speaker = activity.object.get("actor", activity.actor)
    if not same_origin(iri, activity.actor) or speaker != activity.actor:
        raise Forbidden("Only who said something takes it back.")
    return iri


def _result(document: Document) -> Document:
    result = document["result"]
    if not isinstance(result, dict) or not isinstance(result["id"], str):
        raise ValueError("result")  # noqa: TRY004  # one kind of failure for a broken document
    return result


def _updated(document: Document) -> Any:
    return wire.moment_of(document["updated"])


def _why(activity: Activity, otherwise: str) -> tuple[str, str]:
    code, content = activity.document.get("code"), activity.document.get("content")
    return (
        code[:100] if isinstance(code, str) and code else otherwise,
        content[:MOST_REASON] if isinstance(content, str) else "",
    )


def _keep_end(tx: Tx, row: Loan, activity: Activity) -> None:
    code, text = _why(activity, "ended")
    row.reason = text or row.reason
    received.record_end(tx, row, code)


async def _record_ask(tx: Tx, activity: Activity, asked: Asked) -> None:
    for group in activity.addressees():
        if not same_origin(group, tx.origin) or await groups.group(tx, group) is None:
            continue
        try:
            await asking.record_ask(tx, group, activity.actor, asked)
        except DomainError as error:
            raise Forbidden(str(error)) from error
        return
    raise Malformed("The ask is addressed to no group that lives here.")


async def _offered(tx: Tx, activity: Activity) -> Loan:
    row = await loan_row(tx, activity.object_id, Side.LENDER, lock=True)
    if row is None or row.offer != activity.object_id or row.ally != activity.actor:
        raise Malformed("This answers nothing that was offered to its sender.")
    return row


async def _agreement_known(tx: Tx, agreement: Iri, row: Loan) -> bool:
    other = await loan_row(tx, agreement, Side.LENDER)
    return other is not None and other.id != row.id


async def _replaced(tx: Tx, activity: Activity, ask: Ask) -> Loan | None:
    replaces = activity.document.get("replaces")
    if replaces is None:
        return None
    old = await loan_row(tx, str(replaces), Side.BORROWER, lock=True)
    if old is None:
        raise TryLater("What this replaces has not come yet.")
    if old.ask_id != ask.id or old.offer != replaces:
        raise Malformed("This replaces an agreement of somebody else.")
    return old


# Writing ---------------------------------------------------------------------------------------


async def _send_ask(tx: Tx, kind: str, iri: Iri) -> None:
    ask = await _ask(tx, iri, Side.BORROWER)
    asked = Asked(**{name: getattr(ask, name) for name in Asked.__struct_fields__})
    document = {**ask_document(asked, ask.group, tx.origin), "to": [ask.ally]}
    activity = wire.envelope(tx, kind, ask.group, document, to=[ask.ally])
    await tx.send(activity, conversation=ask.iri)


async def _send_update(tx: Tx, loan: Iri, release: tuple[Iri, ...]) -> None:
    row, view = await _loan(tx, loan, Side.BORROWER)
    document = _agreement(row, view)
    if release:
        document["release"] = list(release)
    await _say(tx, "Update", row, view, document)


async def _say(
    tx: Tx, kind: str, row: Loan, view: LoanView, inner: dict[str, Any], **more: Any
) -> None:
    activity = wire.envelope(
        tx, kind, view.group, inner, to=[row.ally], decision=row.decision, **more
    )
    await tx.send(activity, conversation=view.ask.iri)


def _agreement(row: Loan, view: LoanView) -> dict[str, Any]:
    return agreement_document(
        _promised(view),
        ask=view.ask.iri,
        job=view.ask.job,
        job_updated=row.job_updated,
        break_minutes=view.ask.break_minutes,
        agreement=view.agreement,
        borrower=view.group,
        updated=row.updated,
    )


def _promised(view: LoanView) -> list[Promised]:
    return [Promised(one.opening, one.places, one.start, one.end) for one in view.places]


def _offer_stub(row: Loan) -> dict[str, Any]:
    lender = row.group if row.side is Side.LENDER else row.ally
    return {
        "id": row.offer,
        "type": "Offer",
        "actor": lender,
        "object": {"type": "Agreement"},
    }


async def _ask(tx: Tx, iri: Iri, side: Side) -> AskView:
    row = await ask_row(tx, iri, side)
    if row is None:
        raise NotFound
    return (await ask_views(tx, [row]))[0]


async def _loan(tx: Tx, iri: Iri, side: Side) -> tuple[Loan, LoanView]:
    row = await loan_row(tx, iri, side)
    if row is None:
        raise NotFound
    return row, (await loan_views(tx, [row]))[0]
