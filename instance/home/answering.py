"""Answer an invitation straight from an e-mail: two taps, no password, and nothing else is open."""

from __future__ import annotations

from federation import Iri
from instance.agenda import service as agenda
from instance.db import Tx
from instance.errors import NotFound
from instance.home.views import AnswerView
from instance.home.week import answer, invitation
from instance.notices import service as notices
from instance.people import service as people
from instance.viewer import Viewer


async def invitation_by_link(tx: Tx, held: str) -> AnswerView:
    """Return the invitation behind a link from an e-mail; raise NotFound when it is too old."""
    viewer, identifier = await _behind(tx, held)
    return AnswerView(held, viewer.name, await invitation(tx, viewer, identifier))


async def answer_by_link(tx: Tx, held: str, yes: bool) -> agenda.Answer:
    """Answer the invitation behind a link from an e-mail."""
    viewer, identifier = await _behind(tx, held)
    return await answer(tx, viewer, identifier, yes)


async def is_unseen(tx: Tx, viewer: Viewer, identifier: str) -> bool:
    """Tell whether the viewer has not read yet that she is asked."""
    return await notices.is_unseen(tx, viewer.person, f"/invitations/{identifier}")


async def seen(tx: Tx, viewer: Viewer, identifier: str) -> None:
    """Note that the viewer has read what she is asked: no other channel need say so."""
    await notices.seen(tx, viewer.person, f"/invitations/{identifier}")


async def is_unseen_by_link(tx: Tx, held: str) -> bool:
    """Tell whether the invitation behind a link has not been read yet."""
    return await is_unseen(tx, *await _behind(tx, held))


async def seen_by_link(tx: Tx, held: str) -> None:
    """Note that the invitation behind a link has been read."""
    await seen(tx, *await _behind(tx, held))


async def _behind(tx: Tx, held: str) -> tuple[Viewer, str]:
    person, identifier = await notices.promise_behind(tx, held)
    known = await people.person(tx, person)
    if known is None:
        raise NotFound
    viewer = Viewer(Iri(person), known.name, known.username, known.language, frozenset())
    return viewer, identifier
