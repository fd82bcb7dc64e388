"""Offer, accept, refuse and end alliances; tell what the terms allow."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.alliances.capacity import heard, heard_from
from instance.alliances.events import AllianceAnswered, AllianceEnded, AllianceMade, AllianceOffered
from instance.alliances.models import Alliance, State
from instance.alliances.origins import allied_origins
from instance.alliances.terms import (
    Employer,
    LendingMode,
    Terms,
    check_loan,
    check_notice,
    check_terms,
    read_terms,
    signed_text,
    terms_document,
)
from instance.alliances.views import (
    AllianceView,
    AllyView,
    CapacityView,
    Concerned,
    Count,
    HoursBetween,
    OneWay,
)
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.network import service as network
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer
from instance.wire import context

__all__ = [
    "AllianceView",
    "AllyView",
    "CapacityView",
    "Concerned",
    "Count",
    "Employer",
    "HoursBetween",
    "LendingMode",
    "OneWay",
    "Terms",
    "accept",
    "alliance",
    "alliances",
    "allied_origins",
    "allies",
    "check_loan",
    "check_notice",
    "end",
    "heard",
    "heard_from",
    "lock_ally",
    "name_of",
    "offer",
    "refuse",
    "require_ally",
]

MOST_LISTED = 500


async def offer(tx: Tx, viewer: Viewer, group: Iri, ally: Iri, terms: Terms) -> str:
    """Offer another group terms, as our group reads them; return the alliance's id.

    Raises NotFound for somebody who does not lead the group, Invalid for terms that cannot be
    meant, Conflict when an offer is on its way already.
    """
    await people.require_leader(tx, viewer, group)
    check_terms(terms)
    if ally == group:
        raise Conflict("A group cannot be its own ally.", code="alliance.self")
    if await _between(tx, group, ally, State.PROPOSED):
        raise Conflict(
            "Terms between you and them are waiting for an answer already.",
            code="alliance.waiting",
        )
    name = await name_of(tx, ally)
    decision = await transparency.note(
        tx,
        "alliance.offered",
        by=viewer.person,
        group=group,
        text="Terms of an alliance were offered to %(ally)s.",
        ally=name,
    )
    row = _row(tx, group, ally, name, terms)
    row.decision = decision
    tx.session.add(row)
    tx.emit(AllianceOffered(row.id, group, ally))
    return row.id


async def accept(tx: Tx, viewer: Viewer, identifier: str) -> None:
    """Accept terms that another group offered; raises Conflict when they wait no longer."""
    row = await _proposed_to_us(tx, viewer, identifier)
    row.decision = await transparency.note(
        tx,
        "alliance.accepted",
        by=viewer.person,
        group=Iri(row.group),
        text="Terms of an alliance with %(ally)s were accepted.",
        ally=row.ally_name,
    )
    row.accept = tx.federation.new_id()
    await activate(tx, row)
    tx.emit(AllianceAnswered(row.id, accepted=True))


async def refuse(tx: Tx, viewer: Viewer, identifier: str, reason: str = "") -> None:
    """Refuse terms that another group offered; raises Conflict when they wait no longer."""
    row = await _proposed_to_us(tx, viewer, identifier)
    row.decision = await transparency.note(
        tx,
        "alliance.refused",
        by=viewer.person,
        group=Iri(row.group),
        text="Terms of an alliance with %(ally)s were refused.",
        ally=row.ally_name,
    )
    row.state, row.answered, row.reason = State.REJECTED, tx.now, reason[:1_000]
    tx.emit(AllianceAnswered(row.id, accepted=False))


async def end(tx: Tx, viewer: Viewer, identifier: str, reason: str = "") -> None:
    """End an alliance, or take back our offer; what was lent already stays agreed."""
    row = await _ours(tx, viewer, identifier)
    ending = row.state is State.ACTIVE or (row.state is State.PROPOSED and row.offered_by_us)
    if not ending:
        raise Conflict("This alliance is not in force.", code="alliance.over")
    row.decision = await transparency.note(
        tx,
        "alliance.ended",
        by=viewer.person,
        group=Iri(row.group),
        text="The alliance with %(ally)s was ended.",
        ally=row.ally_name,
    )
    row.reason = reason[:1_000]
    close(tx, row, ours=True)


async def require_ally(tx: Tx, group: Iri, ally: Iri) -> Terms:
    """Return the terms in force between our group and an ally, as ours reads them; or NotFound."""
    row = await _between(tx, group, ally, State.ACTIVE)
    if row is None or _over(tx, row):
        raise NotFound
    return read_terms(row.terms, row.group)


async def lock_ally(tx: Tx, group: Iri, ally: Iri) -> Terms:
    """Take the alliance's row until the transaction ends and return the terms; or NotFound.

    Whoever counts the minutes that are left takes it first, so that nobody counts beside.
    """
    row = await _between(tx, group, ally, State.ACTIVE, lock=True)
    if row is None or _over(tx, row):
        raise NotFound
    return read_terms(row.terms, row.group)


async def allies(tx: Tx, group: Iri) -> list[AllyView]:
    """List the allies of one of our groups whose terms are in force."""
    rows = await tx.session.scalars(
        sa.select(Alliance)
        .where(Alliance.group == group, Alliance.state == State.ACTIVE)
        .order_by(Alliance.ally_name, Alliance.ally)
        .limit(MOST_LISTED)
    )
    return [_ally_view(row) for row in rows.all() if not _over(tx, row)]


async def standing_rows(tx: Tx, group: Iri) -> list[Alliance]:
    """Return the rows of a group's alliances in force, for its public list."""
    chosen = sa.select(Alliance).where(Alliance.group == group, Alliance.state == State.ACTIVE)
    rows = await tx.session.scalars(chosen.order_by(Alliance.answered).limit(MOST_LISTED))
    return [row for row in rows.all() if not _over(tx, row)]


async def alliances(tx: Tx, viewer: Viewer, group: Iri) -> list[AllianceView]:
    """List every alliance and offer of a group for its leader, newest first."""
    await people.require_leader(tx, viewer, group)
    rows = await tx.session.scalars(
        sa.select(Alliance)
        .where(Alliance.group == group)
        .order_by(Alliance.offered.desc(), Alliance.id)
        .limit(MOST_LISTED)
    )
    names = await network.names_of(tx, [group])
    return [_view(row, names) for row in rows.all()]


async def alliance(tx: Tx, viewer: Viewer, identifier: str) -> AllianceView:
    """Return an alliance for a leader of our side; raise NotFound."""
    row = await _ours(tx, viewer, identifier, lock=False)
    return _view(row, await network.names_of(tx, [row.group]))


async def name_of(tx: Tx, group: Iri) -> str:
    """Return what a group calls itself, as far as we know it, else its address."""
    local = await network.names_of(tx, [group])
    if group in local:
        return local[group][1] or local[group][0]
    known = await tx.federation.store.peers.known_actor(tx, group)
    name = (known.document.get("name") or known.document.get("preferredUsername")) if known else ""
    return name.strip()[:200] if isinstance(name, str) and name.strip() else group


# For this feature's own files ------------------------------------------------------------------


async def activate(tx: Tx, row: Alliance) -> None:
    """Let terms come into force; of two between the same groups the one offered last counts."""
    row.state, row.answered = State.ACTIVE, tx.now
    row.ally_name = await name_of(tx, Iri(row.ally))
    others = await tx.session.scalars(
        sa.select(Alliance).where(
            Alliance.group == row.group,
            Alliance.ally == row.ally,
            Alliance.state == State.ACTIVE,
            Alliance.id != row.id,
        )
    )
    for other in others.all():
        older = min((other, row), key=lambda one: (one.terms["startTime"], one.offer))
        older.state, older.ended = State.ENDED, tx.now
    if row.state is State.ACTIVE:
        tx.emit(AllianceMade(row.id, Iri(row.group), Iri(row.ally)))


def close(tx: Tx, row: Alliance, *, ours: bool) -> None:
    """Let an alliance, or an offer of one, be over."""
    row.state, row.ended = State.ENDED, tx.now
    tx.emit(AllianceEnded(row.id, Iri(row.group), Iri(row.ally), ours))


async def require_row(tx: Tx, identifier: str) -> Alliance:
    """Return an alliance's row, for the activities that events ask for."""
    row = await tx.get(Alliance, identifier)
    if row is None:
        raise NotFound
    return row


async def _ours(tx: Tx, viewer: Viewer, identifier: str, *, lock: bool = True) -> Alliance:
    row = await tx.session.get(Alliance, identifier, with_for_update=lock or None)
    if row is None:
        raise NotFound
    await people.require_leader(tx, viewer, Iri(row.group))
    return row


async def _proposed_to_us(tx: Tx, viewer: Viewer, identifier: str) -> Alliance:
    row = await _ours(tx, viewer, identifier)
    if row.offered_by_us:
        raise NotFound
    if row.state is not State.PROPOSED:
        raise Conflict("These terms no longer wait for an answer.", code="alliance.answered")
    return row


async def _between(
    tx: Tx, group: Iri, ally: Iri, state: State, *, lock: bool = False
) -> Alliance | None:
    chosen = (
        sa.select(Alliance)
        .where(Alliance.group == group, Alliance.ally == ally, Alliance.state == state)
        .order_by(Alliance.offered.desc(), Alliance.id)
        .limit(1)
    )
    if lock:
        chosen = chosen.with_for_update()
    return (await tx.session.scalars(chosen)).first()


def _over(tx: Tx, row: Alliance) -> bool:
    """Tell whether the terms have reached their end date."""
    terms = read_terms(row.terms, row.group)
    return terms.end is not None and tx.now.date() > terms.end


def _row(tx: Tx, group: Iri, ally: Iri, name: str, terms: Terms) -> Alliance:
    offer_iri = tx.federation.new_id()
    document = terms_document(
        terms, subject=group, other=ally, offer=offer_iri, at=tx.now, context=context(tx.origin)
    )
    return Alliance(
        id=tx.federation.new_id("alliances").rpartition("/")[2],
        offer=offer_iri,
        group=group,
        ally=ally,
        ally_name=name,
        offered_by_us=True,
        state=State.PROPOSED,
        terms=document,
        text=signed_text(document),
        our_proof={},
        their_proof={},
        offered=tx.now,
    )


def _ally_view(row: Alliance) -> AllyView:
    return AllyView(
        alliance=row.id,
        group=Iri(row.group),
        ally=Iri(row.ally),
        name=row.ally_name,
        terms=read_terms(row.terms, row.group),
        since=row.answered or row.offered,
    )


def _view(row: Alliance, names: object) -> AllianceView:
    known = names.get(row.group) if isinstance(names, dict) else None
    values = {
        name: getattr(row, name) for name in AllianceView.__struct_fields__ if hasattr(row, name)
    }
    values |= {
        "group_name": known[1] if known else row.group,
        "terms": read_terms(row.terms, row.group),
        "signed_by_us": bool(row.our_proof),
        "signed_by_them": bool(row.their_proof),
    }
    return msgspec.convert(values, AllianceView)
