"""Polls of others: kept for those here who belong to the group, follow it, or had it passed on."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Forbidden
from instance.follows import service as follows
from instance.follows.events import PassingOnEnded
from instance.groups import service as groups
from instance.network import service as network
from instance.polls.events import PollDropped, PollHeard
from instance.polls.models import Poll
from instance.polls.views import HeardPoll
from instance.polls.voting import forget_votes, is_ours, locked, wipe

CLOSE, FORGET = "polls.close", "polls.forget"
KEPT = timedelta(days=30)
MOST_OF_A_GROUP = 100


async def hear(tx: Tx, heard: HeardPoll) -> None:
    """Keep a poll, or its newer counts, if anybody here was asked; emits PollHeard for members.

    Raises Forbidden for another group's poll, and when a group asks more than is kept here.
    """
    if is_ours(tx, heard.iri):
        return
    poll = await locked(tx, heard.iri)
    if poll is not None:
        await _change(tx, poll, heard)
        return
    asked = await groups.people_in(tx, heard.group)
    if not asked and not (heard.public and await follows.is_followed(tx, heard.group)):
        return
    await _keep(tx, heard)
    if asked and not heard.quiet and tx.now < heard.ends:
        tx.emit(PollHeard(heard.iri))


async def hear_passed_on(tx: Tx, heard: HeardPoll) -> None:
    """Keep a poll of anybody elsewhere that a followed group passes on, as its own host has it.

    One that was over long ago is let pass. Raises Forbidden for what is not for everybody, of
    whom is blocked or limited here, and as `hear` does.
    """
    if is_ours(tx, heard.iri) or heard.ends + KEPT <= tx.now:
        return
    if not heard.public:
        raise Forbidden("Only what is for everybody is passed on.")
    if network.is_blocked(tx, heard.group) or network.is_limited(tx, heard.group):
        raise Forbidden("What they ask is not passed on here.")
    poll = await locked(tx, heard.iri)
    if poll is None:
        await _keep(tx, heard)
    else:
        await _change(tx, poll, heard)


async def on_passing_on_ended(tx: Tx, happened: PassingOnEnded) -> None:
    """Drop a poll that nobody passes on any more, unless people here are asked it all the same."""
    poll = await locked(tx, happened.passed_on)
    if poll is None or poll.gone is not None or is_ours(tx, poll.iri):
        return
    author = Iri(poll.group_iri)
    asked = await groups.people_in(tx, author) or await follows.is_followed(tx, author)
    if not asked and not await follows.is_passed_on(tx, happened.passed_on):
        await _drop(tx, poll)


async def forget_heard(tx: Tx, iri: Iri, author: Iri) -> None:
    """Take down a poll that its group deleted, and remember for a time that it is gone.

    What is no poll changes nothing. Emits PollDropped; raises Forbidden for another group's poll.
    """
    poll = await locked(tx, iri)
    if poll is None or is_ours(tx, iri):
        return
    if poll.group_iri != author:
        raise Forbidden("Only the group that asks deletes a question.")
    await wipe(tx, poll)
    await due.cancel(tx, CLOSE, iri)
    await due.schedule(tx, tx.now + KEPT, FORGET, iri)
    tx.emit(PollDropped(iri))


async def forget_over(tx: Tx, iri: str) -> None:
    """Drop a poll from elsewhere some time after its end."""
    poll = await locked(tx, iri)
    if poll is not None and poll.ends + KEPT <= tx.now and not is_ours(tx, iri):
        await _drop(tx, poll)


async def _keep(tx: Tx, heard: HeardPoll) -> None:
    counted = sa.select(sa.func.count()).where(Poll.group_iri == heard.group)
    if (await tx.session.execute(counted)).scalar_one() >= MOST_OF_A_GROUP:
        raise Forbidden("This group asks more than is kept here.")
    poll = Poll(iri=heard.iri, group_iri=heard.group, untold=False)
    _write(poll, heard)
    tx.session.add(poll)
    await due.schedule(tx, max(heard.ends, tx.now), CLOSE, heard.iri)


async def _change(tx: Tx, poll: Poll, heard: HeardPoll) -> None:
    if poll.group_iri != heard.group:
        raise Forbidden("Only the group that asks changes a question.")
    if heard.version < poll.version or poll.gone is not None:
        return
    if (tuple(poll.choices), poll.several) != (heard.choices, heard.several):
        await forget_votes(tx, poll.iri)
    _write(poll, heard)
    await due.schedule(tx, max(heard.ends, tx.now), CLOSE, heard.iri)


def _write(poll: Poll, heard: HeardPoll) -> None:
    for name in ("text", "language", "voters", "several", "public", "published", "version"):
        setattr(poll, name, getattr(heard, name))
    poll.choices, poll.counts = list(heard.choices), list(heard.counts)
    poll.ends, poll.closed = heard.ends, heard.closed


async def _drop(tx: Tx, poll: Poll) -> None:
    await forget_votes(tx, poll.iri)
    for kind in (CLOSE, FORGET):
        await due.cancel(tx, kind, poll.iri)
    await tx.session.delete(poll)
