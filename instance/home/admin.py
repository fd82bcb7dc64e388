"""Where administrators start: groups, e-mail, and how the other co-ops can be reached."""

from __future__ import annotations

from federation import Iri
from instance.db import Tx
from instance.groups import service as groups
from instance.home.views import AdminView, GroupLine
from instance.language import N_
from instance.moderation import service as moderation
from instance.network import service as network
from instance.notices import service as notices
from instance.people import service as people
from instance.viewer import Viewer


async def administration(tx: Tx, viewer: Viewer) -> AdminView:
    """Return the administrators' first page; raise NotFound for others."""
    await people.require_administrator(tx, viewer)
    lines = [await _group_line(tx, one) for one in await groups.groups(tx)]
    known = await network.count_peers(tx)
    mails = await notices.mails(tx, viewer)
    return AdminView(
        groups=tuple(lines),
        people=await network.count_actors(tx, network.ActorKind.PERSON),
        mail_server=mails.server,
        mails_waiting=mails.waiting,
        peers=known,
        peers_unheard=await network.count_peers(tx, state="unreachable"),
        failures=len(await network.failed_deliveries(tx)),
        reports=await moderation.count_waiting(tx),
        steps=_steps(lines, mails.server, known),
    )


async def _group_line(tx: Tx, group: groups.GroupView) -> GroupLine:
    leaders = await people.leaders_of(tx, group.iri)
    names = await groups.names_for(tx, group.iri, leaders)
    here = await people.people(tx, leaders)
    return GroupLine(
        iri=group.iri,
        name=group.name,
        handle=group.handle,
        members=len(await groups.members(tx, group.iri)),
        leaders=tuple(_named(one, here, names) for one in leaders),
    )


def _named(leader: Iri, here: dict[Iri, people.PersonView], names: dict[Iri, str]) -> str:
    return here[leader].name if leader in here else names[leader]


def _steps(
    lines: list[GroupLine], mail_server: str, known: int
) -> tuple[tuple[str, str, str], ...]:
    """Return what to do next: sentence, address, and done, now or next."""
    todo = [
        (N_("Bring your people in"), "/import", any(one.members > 1 for one in lines)),
        (N_("Name a leader for every group"), "/groups", all(one.leaders for one in lines)),
        (N_("Set a server for e-mail"), "/mail", bool(mail_server)),
        (N_("Find a first ally"), "/allies", bool(known)),
    ]
    first = next((index for index, one in enumerate(todo) if not one[2]), len(todo))
    return tuple(
        (text, link, "done" if done else "now" if index == first else "next")
        for index, (text, link, done) in enumerate(todo)
    )
