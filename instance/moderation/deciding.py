"""Who is shut out, kept quiet or let in: decided by administrators, with a reason, for all to read.

The log names domains; an account stands there as whom the decision is about. The reason is for
administrators: it may name people.
"""

from __future__ import annotations

from federation import Iri
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.language import N_
from instance.moderation.peering import PAGE
from instance.moderation.views import DecisionsView
from instance.network import service as network
from instance.paging import turned_to
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

_DOMAIN = {
    network.Standing.BLOCKED: N_("%(domain)s was blocked."),
    network.Standing.LIMITED: N_("%(domain)s was limited."),
    network.Standing.ALLOWED: N_("%(domain)s was allowed to speak to us."),
}
_ACCOUNT = {
    network.Standing.BLOCKED: N_("An account elsewhere was blocked."),
    network.Standing.LIMITED: N_("An account elsewhere was limited."),
    network.Standing.ALLOWED: N_("An account elsewhere was allowed to speak to us."),
}


async def decisions(
    tx: Tx, viewer: Viewer, *, find: str = "", page: int = 1, size: int = PAGE
) -> DecisionsView:
    """Return a page of what was decided; raise NotFound for who is no administrator."""
    await people.require_administrator(tx, viewer)
    word = find.strip().casefold()
    found = [one for one in await network.decisions(tx) if word in one.subject.casefold()]
    page, pages = turned_to(page, len(found), size)
    return DecisionsView(
        decisions=tuple(found[(page - 1) * size : page * size]),
        total=len(found),
        page=page,
        pages=pages,
        find=find,
    )


async def decide(
    tx: Tx, viewer: Viewer, subject: str, standing: network.Standing, reason: str
) -> str:
    """Block, limit or allow a domain or an account elsewhere; return it as it is kept.

    Raises Invalid for a subject that is neither, for our own, and without a reason.
    """
    await people.require_administrator(tx, viewer)
    if not reason.strip():
        raise Invalid("Say why: who comes after you has to understand it.", field="reason")
    kept = await network.decide(tx, subject, standing, reason)
    await _note(tx, viewer, f"moderation.{standing}", kept, _DOMAIN[standing], _ACCOUNT[standing])
    return kept


async def lift(tx: Tx, viewer: Viewer, subject: str) -> None:
    """Take a decision back; raise NotFound when there is none."""
    await people.require_administrator(tx, viewer)
    if not await network.lift(tx, subject):
        raise NotFound
    await _note(
        tx,
        viewer,
        "moderation.lifted",
        subject,
        N_("What was decided about %(domain)s was taken back."),
        N_("What was decided about an account elsewhere was taken back."),
    )


async def _note(tx: Tx, viewer: Viewer, kind: str, subject: str, domain: str, account: str) -> None:
    if "://" in subject:
        by = viewer.person
        await transparency.note(tx, kind, by=by, about=Iri(subject), text=account)
    else:
        await transparency.note(tx, kind, by=viewer.person, text=domain, domain=subject)
