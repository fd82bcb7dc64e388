"""The road to each peer, and what was decided about hosts and actors elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from federation import FederationError, Iri, Standing, subject_of
from federation.sql.rows import FailedDelivery, PeerHealth
from federation.standing import covers, strictest
from instance.db import Tx
from instance.errors import Invalid
from instance.network.events import Blocked, BlockedByThem

MOST_REASON = 500


class Decision(msgspec.Struct, frozen=True):
    """What was decided about a domain or an actor elsewhere, why, and since when."""

    subject: str
    standing: Standing
    reason: str
    since: datetime


async def count_peers(tx: Tx, *, text: str = "", state: str = "") -> int:
    """Count the other instances we deal with; see `RosterRows.peers_page` for the states."""
    return await tx.federation.store.roster.count_peers(tx, tx.origin, text=text, state=state)


async def page_of_peers(
    tx: Tx, *, text: str = "", state: str = "", offset: int = 0, limit: int = 50
) -> Sequence[PeerHealth]:
    """List some of the other instances, those that cannot be reached first."""
    return await tx.federation.store.roster.peers_page(
        tx, tx.origin, text=text, state=state, offset=offset, limit=limit
    )


async def peer(tx: Tx, origin: str) -> PeerHealth | None:
    """Return the road to one other instance."""
    return await tx.federation.store.roster.peer_health(tx, origin)


async def failed_at(tx: Tx, origin: str, limit: int) -> Sequence[FailedDelivery]:
    """List what could not be delivered to one other instance, newest first."""
    return await tx.federation.store.roster.failed_at(tx, origin, limit)


async def hurry(tx: Tx, origin: str) -> int:
    """Try everything that waits for an instance at once; return how much that is."""
    return await tx.federation.store.roster.hurry_peer(tx, origin, tx.now)


async def drop(tx: Tx, origin: str) -> int:
    """Forget everything that waits for an instance; return how much that was."""
    return await tx.federation.store.roster.drop_peer(tx, origin)


async def decide(tx: Tx, subject: str, standing: Standing, reason: str) -> str:
    """Block, limit or allow a domain or an actor elsewhere; return the subject as it is kept.

    Raises Invalid for what is neither, and for this instance itself.
    """
    try:
        kept = subject_of(subject)
        await tx.federation.standings.put(tx, kept, standing, reason.strip()[:MOST_REASON])
    except FederationError as error:
        raise Invalid(
            "Write a domain such as coop.example, or the whole address of one account elsewhere.",
            field="subject",
        ) from error
    if standing is Standing.BLOCKED:
        tx.emit(Blocked(kept))
    return kept


async def lift(tx: Tx, subject: str) -> bool:
    """Take a decision back; return whether there was one."""
    return await tx.federation.standings.lift(tx, subject)


async def decisions(tx: Tx) -> Sequence[Decision]:
    """List everything that was decided, by subject."""
    return [
        Decision(one.subject, Standing(one.standing), one.reason, one.since)
        for one in await tx.federation.store.standings.decided(tx)
    ]


def standing_in(decided: Sequence[Decision], iri: str) -> Standing | None:
    """Return what was decided about an address, or None: the strictest counts."""
    known: Mapping[str, Standing] = {one.subject: one.standing for one in decided}
    return strictest(known, iri)


async def tell_of_block(tx: Tx, by: str, actor: str) -> None:
    """Tell the features that somebody elsewhere blocks an actor of ours."""
    tx.emit(BlockedByThem(Iri(by), Iri(actor)))


def is_about(subject: str, iri: str) -> bool:
    """Tell whether a decision about this subject is about an address."""
    return covers(subject, iri)


def is_blocked(tx: Tx, iri: str) -> bool:
    """Tell whether an address elsewhere, or its host, is blocked here."""
    return tx.federation.standings.of(iri) is Standing.BLOCKED


def is_limited(tx: Tx, iri: Iri) -> bool:
    """Tell whether an actor elsewhere is heard only by those who chose to hear it."""
    return tx.federation.standings.of(iri) is Standing.LIMITED
