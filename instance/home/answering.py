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


async def _behind(tx: Tx, held: str) -> tuple[Viewer, str]:
    person, identifier = await notices.promise_behind(tx, held)
    known = await people.person(tx, person)
    if known is None:
        raise NotFound
    viewer = Viewer(Iri(person), known.name, known.username, known.language, frozenset())
    return viewer, identifier
