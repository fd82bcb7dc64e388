"""Polls: asked, answered, closed and taken down."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Forbidden, Invalid, NotFound
from instance.people import service as people
from instance.polls.events import PollAsked, PollCounted, PollTakenDown
from instance.polls.hearing import (
    CLOSE,
    FORGET,
    KEPT,
    forget_heard,
    forget_over,
    hear,
    hear_passed_on,
    on_passing_on_ended,
)
from instance.polls.models import Poll, PollVote
from instance.polls.reading import (
    led_poll,
    poll_form,
    polls_page,
    questions_of,
    read_poll,
    seen_poll,
)
from instance.polls.views import NewPoll
from instance.polls.voting import (
    TELL,
    count,
    forget_votes,
    is_open,
    is_ours,
    locked,
    vote,
    wipe,
)
from instance.transparency import service as transparency
from instance.viewer import Viewer

__all__ = [
    "CLOSE",
    "FORGET",
    "TELL",
    "ask",
    "close",
    "count",
    "end",
    "forget_heard",
    "forget_over",
    "hear",
    "hear_passed_on",
    "led_poll",
    "on_passing_on_ended",
    "poll_form",
    "polls_page",
    "questions_of",
    "read_poll",
    "seen_poll",
    "take_down",
    "tell",
    "vote",
]

FEWEST, MOST = 2, 8
MOST_TEXT, MOST_CHOICE = 500, 100
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=31)
MOST_OPEN = 20


async def ask(tx: Tx, viewer: Viewer, group: Iri, new: NewPoll) -> Iri:
    """Put a question to a group's members, and to all who follow it; emits PollAsked.

    Raises NotFound unless the viewer leads the group, Invalid for a question that cannot be
    answered, Forbidden when very many stand open.
    """
    await people.require_leader(tx, viewer, group)
    text, choices = new.text.strip(), [" ".join(one.split()) for one in new.choices]
    _check(tx, text, choices, new)
    standing = sa.select(sa.func.count()).where(Poll.group_iri == group, Poll.ends > tx.now)
    if (await tx.session.execute(standing)).scalar_one() >= MOST_OPEN:
        raise Forbidden("Very many questions of this group are open. Please close one first.")
    iri = tx.federation.new_id("polls")
    poll = Poll(
        iri=iri,
        group_iri=group,
        text=text,
        language=viewer.language,
        choices=choices,
        counts=[0] * len(choices),
        voters=0,
        several=new.several,
        public=new.public,
        published=tx.now,
        version=tx.now,
        ends=new.ends,
    )
    tx.session.add(poll)
    await due.schedule(tx, new.ends, CLOSE, iri)
    said = "A question was asked of many."
    await transparency.note(tx, "polls.asked", by=viewer.person, group=group, text=said)
    tx.emit(PollAsked(iri))
    return iri


async def close(tx: Tx, viewer: Viewer, iri: Iri) -> None:
    """Close a poll before its time; NotFound unless the viewer leads its group."""
    poll = await _led(tx, viewer, iri)
    if is_open(tx, poll):
        group, said = Iri(poll.group_iri), "A question was closed before its time."
        await transparency.note(tx, "polls.closed", by=viewer.person, group=group, text=said)
        await _close(tx, poll)


async def take_down(tx: Tx, viewer: Viewer, iri: Iri) -> None:
    """Leave nothing of a poll but that it was taken down; emits PollTakenDown.

    Doing so again changes nothing. Raises NotFound unless the viewer leads the poll's group.
    """
    poll = await _led(tx, viewer, iri)
    if poll.gone is not None:
        return
    group, said = Iri(poll.group_iri), "A question was taken down, with all answers."
    kind = "polls.taken_down"
    decision = await transparency.note(tx, kind, by=viewer.person, group=group, text=said)
    tx.emit(PollTakenDown(iri, group, poll.public, await _voters(tx, iri), decision))
    await wipe(tx, poll)
    for due_later in (CLOSE, TELL):
        await due.cancel(tx, due_later, iri)


async def end(tx: Tx, iri: str) -> None:
    """End a poll when its time is over: from then on only the counts are kept."""
    poll = await locked(tx, iri)
    if poll is None:
        return
    if poll.ends > tx.now:
        await due.schedule(tx, poll.ends, CLOSE, iri)
    elif not is_ours(tx, iri):
        await forget_votes(tx, iri)
        await due.schedule(tx, tx.now + KEPT, FORGET, iri)
    elif not poll.closed:
        await _close(tx, poll)


async def tell(tx: Tx, iri: str) -> None:
    """Tell how many took which choice, of all answers since the last time together."""
    poll = await locked(tx, iri)
    if poll is not None and poll.untold:
        poll.untold = False
        tx.emit(PollCounted(Iri(iri), await _voters(tx, iri)))


async def _led(tx: Tx, viewer: Viewer, iri: Iri) -> Poll:
    poll = await locked(tx, iri)
    if poll is None or not is_ours(tx, iri):
        raise NotFound
    await people.require_leader(tx, viewer, Iri(poll.group_iri))
    return poll


def _check(tx: Tx, text: str, choices: list[str], new: NewPoll) -> None:
    if not text:
        raise Invalid("Please ask something, in a few words.", field="text")
    if len(text) > MOST_TEXT:
        said = "Please make the question shorter: it may have %(most)s characters."
        raise Invalid(said, field="text", most=MOST_TEXT)
    if not FEWEST <= len(choices) <= MOST or not all(choices):
        empty = choices.index("") if "" in choices else min(len(choices), MOST - 1)
        said = "Please give between two and eight answers to choose from."
        raise Invalid(said, field=f"choices.{empty}")
    for at, choice in enumerate(choices):
        if choice.casefold() in {one.casefold() for one in choices[:at]}:
            raise Invalid("Two of the answers are the same.", field=f"choices.{at}")
        if len(choice) > MOST_CHOICE:
            said = "Please make this answer shorter: it may have %(most)s characters."
            raise Invalid(said, field=f"choices.{at}", most=MOST_CHOICE)
    if not SHORTEST <= new.ends - tx.now <= LONGEST:
        raise Invalid("Please choose an end within the next month.", field="hours")


async def _close(tx: Tx, poll: Poll) -> None:
    poll.closed, poll.untold = True, False
    poll.ends = min(poll.ends, tx.now)
    tx.emit(PollCounted(Iri(poll.iri), await _voters(tx, poll.iri)))
    await forget_votes(tx, poll.iri)
    for kind in (CLOSE, TELL):
        await due.cancel(tx, kind, poll.iri)


async def _voters(tx: Tx, iri: str) -> tuple[Iri, ...]:
    chosen = sa.select(PollVote.voter).where(PollVote.poll == iri).distinct()
    return tuple(Iri(one) for one in await tx.session.scalars(chosen.order_by(PollVote.voter)))
