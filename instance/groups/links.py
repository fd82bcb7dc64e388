"""Links and codes on paper that lead people into a group."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.groups.founding import require_group
from instance.groups.models import JoinLink
from instance.groups.views import LinkView
from instance.people import service as people
from instance.viewer import Viewer

GOOD_FOR = timedelta(days=30)


async def invite_link(tx: Tx, viewer: Viewer, group: Iri) -> LinkView:
    """Return a link into a group, good for 30 days; who comes by it still asks to be taken in."""
    await people.require_leader(tx, viewer, group)
    row = JoinLink(
        token=tx.federation.new_id("links").rpartition("/")[2],
        group=group,
        made_by=viewer.person,
        made=tx.now,
        until=tx.now + GOOD_FOR,
    )
    over = sa.delete(JoinLink).where(JoinLink.group == group, JoinLink.until <= tx.now)
    await tx.session.execute(over)
    tx.session.add(row)
    return await _view(tx, row)


async def newest_link(tx: Tx, viewer: Viewer, group: Iri) -> LinkView | None:
    """Return the link that was made last and is still good, or None."""
    await people.require_leader(tx, viewer, group)
    chosen = sa.select(JoinLink).where(JoinLink.group == group, JoinLink.until > tx.now)
    found = await tx.session.execute(chosen.order_by(JoinLink.made.desc()).limit(1))
    row = found.scalar_one_or_none()
    return await _view(tx, row) if row else None


async def end_links(tx: Tx, viewer: Viewer, group: Iri) -> None:
    """Make every link into a group useless."""
    await people.require_leader(tx, viewer, group)
    await tx.session.execute(sa.delete(JoinLink).where(JoinLink.group == group))


async def link_is_good(tx: Tx, group: Iri, token: str) -> bool:
    """Tell whether a link leads into this group, today."""
    row = await tx.get(JoinLink, token)
    return row is not None and row.group == group and row.until > tx.now


async def _view(tx: Tx, row: JoinLink) -> LinkView:
    group = await require_group(tx, row.group)
    return LinkView(f"{row.group}/join?link={quote(row.token)}", row.until, group)
