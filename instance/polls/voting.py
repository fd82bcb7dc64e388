"""Answers to polls: once for each actor, while the poll is open, for choices that there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Conflict, Forbidden, Invalid, NotFound
from instance.follows import service as follows
from instance.groups import service as groups
from instance.network import service as network
from instance.people import service as people
from instance.polls.events import VoteCast
from instance.polls.models import Poll, PollVote
from instance.viewer import Viewer

TELL = "polls.tell"
TOGETHER = timedelta(minutes=3)
"""Counts are told this long after the first answer that nobody was told of."""
MOST_VOTERS = 50_000
_GONE = "This question was taken down."


def is_ours(tx: Tx, iri: str) -> bool:
    """Tell whether a poll is asked by a group here."""
    return iri.startswith(f"{tx.origin}/polls/")


def is_open(tx: Tx, poll: Poll) -> bool:
    """Tell whether a poll can be answered now."""
    return not poll.closed and tx.now < poll.ends


async def locked(tx: Tx, iri: str) -> Poll | None:
    """Return a poll whose counts nobody else changes before this transaction ends."""
    return await tx.session.get(Poll, iri, populate_existing=True, with_for_update=True)


async def vote(tx: Tx, viewer: Viewer, iri: Iri, chosen: Sequence[int]) -> None:
    """Answer a poll of any group, once; emits VoteCast for one of a group elsewhere.

    Raises NotFound for a poll that the viewer was not asked, Invalid for choices that there are
    not, Conflict when it is over, was answered or
    was taken down.
    """
    poll = await locked(tx, iri)
    if poll is None or not await may_see(tx, viewer.person, poll):
        raise NotFound
    if poll.gone is not None:
        raise Conflict(_GONE)
    wanted = sorted(set(chosen))
    if not wanted or wanted[0] < 0 or wanted[-1] >= len(poll.choices):
        raise Invalid("Please choose an answer.", field="choices")
    if await taken(tx, viewer.person, [iri]):
        raise Conflict("You have answered this already.")
    await _cast(tx, poll, viewer.person, wanted)
    if is_ours(tx, iri):
        await _tell_soon(tx, poll)
    else:
        words = tuple(poll.choices[one] for one in wanted)
        tx.emit(VoteCast(iri, Iri(poll.group_iri), viewer.person, words))


async def count(tx: Tx, iri: Iri, voter: Iri, choice: str) -> None:
    """Count an answer from anywhere to a poll here; what answers no poll here changes nothing.

    Raises Forbidden from somebody who was not asked, Invalid for a choice that there is not, and
    Conflict when the poll is over, was answered or was taken down.
    """
    poll = await locked(tx, iri)
    if poll is None or not is_ours(tx, iri):
        return
    if poll.gone is not None:
        raise Conflict(_GONE)
    if voter == poll.group_iri or not await _was_asked(tx, poll, voter):
        raise Forbidden("Only those who were asked answer.")
    if choice not in poll.choices:
        raise Invalid("There is no such choice.")
    await _cast(tx, poll, voter, [poll.choices.index(choice)])
    await _tell_soon(tx, poll)


async def taken(tx: Tx, voter: Iri, polls: Sequence[str]) -> dict[str, set[int]]:
    """Return which choices of open polls somebody took; polls that she did not answer lack."""
    chosen = sa.select(PollVote.poll, PollVote.choice).where(
        PollVote.voter == voter, PollVote.poll.in_(polls)
    )
    found: defaultdict[str, set[int]] = defaultdict(set)
    for poll, choice in await tx.session.execute(chosen):
        found[poll].add(choice)
    return found


async def may_see(tx: Tx, person: Iri, poll: Poll) -> bool:
    """Tell whether a poll was put to somebody here: as a member, or as one who follows.

    Who follows a group is asked by it, and by whom it passes on.
    """
    group = Iri(poll.group_iri)
    if poll.public:
        here = is_ours(tx, poll.iri)
        if here or group in await follows.names_of_followed(tx, person):
            return True
        if poll.iri in await follows.passed_to(tx, person) and not network.is_blocked(tx, group):
            return True
    return await belongs(tx, person, group)


async def belongs(tx: Tx, person: Iri, group: Iri) -> bool:
    """Tell whether somebody here is asked what a group asks its own: its members and leaders."""
    if any(one.group == group for one in await groups.belongings(tx, person)):
        return True
    return await people.is_leader(tx, person, group)


async def forget_votes(tx: Tx, iri: str) -> None:
    """Forget who answered a poll, and how."""
    await tx.session.execute(sa.delete(PollVote).where(PollVote.poll == iri))


async def wipe(tx: Tx, poll: Poll) -> None:
    """Leave nothing of a poll but whose it was, and since when it is gone."""
    await forget_votes(tx, poll.iri)
    poll.text, poll.choices, poll.counts, poll.voters = "", [], [], 0
    poll.ends, poll.gone = min(poll.ends, tx.now), tx.now
    poll.closed, poll.untold = True, False


async def _was_asked(tx: Tx, poll: Poll, voter: Iri) -> bool:
    """Tell whether an actor may answer: limited strangers are not heard in public."""
    if await groups.is_member(tx, Iri(poll.group_iri), voter):
        return True
    if await people.is_leader(tx, voter, Iri(poll.group_iri)):
        return True
    return poll.public and not network.is_limited(tx, voter)


async def _cast(tx: Tx, poll: Poll, voter: Iri, chosen: Sequence[int]) -> None:
    if not is_open(tx, poll):
        raise Conflict("This question is closed.")
    before = (await taken(tx, voter, [poll.iri])).get(poll.iri, set())
    if before & set(chosen) or (before and not poll.several):
        raise Conflict("You have answered this already.")
    if len(chosen) > 1 and not poll.several:
        raise Invalid("Please choose one answer.", field="choices")
    if not before:
        if poll.voters >= MOST_VOTERS:
            raise Forbidden("More people answered than are counted here.")
        poll.voters += 1
    poll.counts = [votes + (at in chosen) for at, votes in enumerate(poll.counts)]
    tx.session.add_all(PollVote(poll=poll.iri, voter=voter, choice=one) for one in chosen)


async def _tell_soon(tx: Tx, poll: Poll) -> None:
    if not poll.untold:
        poll.untold = True
        await due.schedule(tx, tx.now + TOGETHER, TELL, poll.iri)
