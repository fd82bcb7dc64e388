"""How the other co-ops can be reached, what waits for each, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from instance.db import Tx
from instance.errors import NotFound
from instance.moderation.views import FailureLine, PeerLine, PeersView, PeerView
from instance.moderation.words import said
from instance.network import service as network
from instance.paging import turned_to
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

PAGE, FILE_PAGE = 50, 1_000
"""How many lines a page shows, and how many are read at once when the list is wanted as a file."""
MOST_FAILURES = 100
STATES = ("unreachable", "waiting", "failed", "silent")


async def peers(
    tx: Tx, viewer: Viewer, *, find: str = "", state: str = "", page: int = 1, size: int = PAGE
) -> PeersView:
    """Return a page of the other co-ops; raise NotFound for who leads nothing here."""
    administers = await people.is_administrator(tx, viewer.person)
    if not viewer.leads or administers:
        await people.require_administrator(tx, viewer)
    else:
        await people.require_leader(tx, viewer, viewer.leads[0])
    state = state if state in STATES else ""
    total = await network.count_peers(tx, text=find, state=state)
    page, pages = turned_to(page, total, size)
    found = await network.page_of_peers(
        tx, text=find, state=state, offset=(page - 1) * size, limit=size
    )
    failed = (await network.failed_deliveries(tx))[:MOST_FAILURES]
    return PeersView(
        peers=tuple(await _lines(tx, found)),
        failures=tuple(_failure(one) for one in failed),
        total=total,
        page=page,
        pages=pages,
        find=find,
        state=state,
        may_change=administers,
    )


async def peer(tx: Tx, viewer: Viewer, origin: str) -> PeerView:
    """Return one other co-op with what could not be delivered to it; raise NotFound."""
    await people.require_administrator(tx, viewer)
    [line] = await _lines(tx, [await _require_peer(tx, origin)])
    failed = await network.failed_at(tx, origin, MOST_FAILURES)
    return PeerView(peer=line, failures=tuple(_failure(one) for one in failed))


async def unreachable(tx: Tx, limit: int = PAGE) -> Sequence[PeerLine]:
    """List other co-ops that cannot be reached."""
    return await _lines(tx, await network.page_of_peers(tx, state="unreachable", limit=limit))


async def retry(tx: Tx, viewer: Viewer, origin: str) -> int:
    """Try at once what waits for a co-op; return how much that is. Raises NotFound."""
    await people.require_administrator(tx, viewer)
    await _require_peer(tx, origin)
    tried = await network.hurry(tx, origin)
    await transparency.note(
        tx,
        "moderation.retried",
        by=viewer.person,
        text="What waits for %(co_op)s is tried at once: %(number)s messages.",
        co_op=_name(origin),
        number=tried,
    )
    return tried


async def forget(tx: Tx, viewer: Viewer, origin: str) -> int:
    """Drop for good what waits for a co-op; return how much that was. Raises NotFound."""
    await people.require_administrator(tx, viewer)
    await _require_peer(tx, origin)
    dropped = await network.drop(tx, origin)
    await transparency.note(
        tx,
        "moderation.dropped",
        by=viewer.person,
        text="What waited for %(co_op)s was dropped: %(number)s messages.",
        co_op=_name(origin),
        number=dropped,
    )
    return dropped


async def _require_peer(tx: Tx, origin: str) -> network.PeerHealth:
    found = await network.peer(tx, origin)
    if found is None or origin == tx.origin:
        raise NotFound
    return found


async def _lines(tx: Tx, found: Sequence[network.PeerHealth]) -> list[PeerLine]:
    decided = await network.decisions(tx) if found else ()
    compared = await network.comparisons(tx) if found else {}
    return [_line(tx, one, decided, compared.get(one.origin)) for one in found]


def _line(
    tx: Tx,
    one: network.PeerHealth,
    decided: Sequence[network.Decision],
    compared: network.Comparison | None,
) -> PeerLine:
    why, values = said(one.reason if one.waiting else None)
    waited = tx.now - one.oldest if one.oldest else timedelta()
    return PeerLine(
        name=_name(one.origin),
        origin=one.origin,
        heard=one.last_heard,
        delivered=one.last_delivered,
        failing_since=one.failing_since,
        next_try=one.next_try,
        waiting=one.waiting,
        lag=max(0, int(waited.total_seconds() // 60)),
        failed=one.failed,
        why=why,
        values=values,
        keys_changed=one.keys_changed,
        standing=network.standing_in(decided, one.origin) or "",
        agreed=compared.agreed if compared else None,
        differs=compared.differs if compared else (),
    )


def _failure(one: network.FailedDelivery) -> FailureLine:
    reason, values = said(one.reason)
    return FailureLine(one.recipient, one.activity, reason, values)


def _name(origin: str) -> str:
    return origin.partition("://")[2]
