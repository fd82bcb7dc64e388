"""People are told that a group of theirs, wherever it lives, asks something, while it stands."""

from __future__ import annotations

from federation import Iri
from instance.db import Tx
from instance.groups import service as groups
from instance.notices.service import tell, withdraw
from instance.polls import service as polls
from instance.polls.events import PollAsked, PollDropped, PollHeard, PollTakenDown


async def poll_asked(tx: Tx, happened: PollAsked | PollHeard) -> None:
    """Tell everybody here who belongs to the group."""
    poll = await polls.read_poll(tx, happened.poll)
    if poll is None:
        return
    asked = await groups.people_in(tx, poll.group)
    names = await groups.standings(tx, asked[0]) if asked else []
    name = next((one.name for one in names if one.group == poll.group), poll.group_name)
    await tell(tx, asked, "poll", {"group": name, "words": poll.text}, _link(poll.iri))


async def poll_gone(tx: Tx, happened: PollTakenDown | PollDropped) -> None:
    """Leave nothing of what a poll asked among what people were told."""
    await withdraw(tx, "poll", _link(happened.poll))


def _link(poll: Iri) -> str:
    return f"/polls#{poll}"
