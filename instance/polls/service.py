"""Polls: asked, answered, closed and shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Forbidden, Invalid, NotFound
from instance.follows import service as follows
from instance.groups import service as groups
from instance.people import service as people
from instance.polls.events import PollAsked, PollCounted
from instance.polls.hearing import CLOSE, FORGET, KEPT, forget_heard, forget_over, hear
from instance.polls.models import Poll, PollVote
from instance.polls.views import ChoiceView, NewPoll, PollForm, PollsPage, PollView
from instance.polls.voting import (
    TELL,
    count,
    forget_votes,
    is_open,
    is_ours,
    locked,
    may_see,
    taken,
    vote,
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
    "poll_form",
    "polls_page",
    "read_poll",
    "seen_poll",
    "tell",
    "vote",
]

FEWEST, MOST = 2, 8
MOST_TEXT, MOST_CHOICE = 500, 100
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=31)
MOST_OPEN, MOST_SHOWN = 20, 100


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
    poll = await locked(tx, iri)
    if poll is None or not is_ours(tx, iri):
        raise NotFound
    group = Iri(poll.group_iri)
    await people.require_leader(tx, viewer, group)
    if is_open(tx, poll):
        said = "A question was closed before its time."
        await transparency.note(tx, "polls.closed", by=viewer.person, group=group, text=said)
        await _close(tx, poll)


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


async def polls_page(tx: Tx, viewer: Viewer) -> PollsPage:
    """Gather what somebody is asked, and what the groups she leads ask."""
    member = {one.group: one.name for one in await groups.belongings(tx, viewer.person)}
    here = {one.iri: one.name for one in await groups.groups(tx)}
    asked = member | {one: here[one] for one in viewer.leads if one in here}
    names = await follows.names_of_followed(tx, viewer.person) | asked
    chosen = (
        sa.select(Poll)
        .where(
            sa.or_(
                Poll.group_iri.in_(sorted(asked)),
                sa.and_(Poll.public, Poll.group_iri.in_(sorted(names))),
            )
        )
        .order_by(Poll.ends.desc(), Poll.iri)
        .limit(MOST_SHOWN)
    )
    rows = (await tx.session.scalars(chosen)).all()
    mine = await taken(tx, viewer.person, [row.iri for row in rows])
    seen = [_view(tx, row, names[Iri(row.group_iri)], viewer, mine) for row in rows]
    return PollsPage(
        tuple(reversed([one for one in seen if one.open])),
        tuple(one for one in seen if not one.open),
    )


async def seen_poll(tx: Tx, viewer: Viewer | None, iri: Iri) -> PollView:
    """Return a poll of a group here; NotFound unless it is for everybody or was put to her."""
    poll = await tx.get(Poll, iri)
    if poll is None or not is_ours(tx, iri):
        raise NotFound
    if not poll.public and (viewer is None or not await may_see(tx, viewer.person, poll)):
        raise NotFound
    return await _named(tx, poll, viewer)


async def read_poll(tx: Tx, iri: Iri) -> PollView | None:
    """Return a poll as nobody in particular sees it."""
    poll = await tx.get(Poll, iri)
    return await _named(tx, poll, None) if poll is not None else None


async def poll_form(tx: Tx, viewer: Viewer) -> PollForm:
    """Return what the form for a new poll needs; NotFound for somebody who leads no group."""
    names = {one.iri: one.name for one in await groups.groups(tx)}
    led = [(one.rpartition("/")[2], names[one]) for one in viewer.leads if one in names]
    if not led:
        raise NotFound
    return PollForm(tuple(led))


def _check(tx: Tx, text: str, choices: list[str], new: NewPoll) -> None:
    if not text or len(text) > MOST_TEXT:
        raise Invalid("Please ask something, in a few words.", field="text")
    if not FEWEST <= len(choices) <= MOST or not all(choices):
        raise Invalid("Please give between two and eight answers to choose from.", field="choices")
    if len({one.casefold() for one in choices}) < len(choices):
        raise Invalid("Two of the answers are the same.", field="choices")
    if max(map(len, choices)) > MOST_CHOICE:
        raise Invalid("Please make the answers shorter.", field="choices")
    if not SHORTEST <= new.ends - tx.now <= LONGEST:
        raise Invalid("Please choose an end within the next month.", field="ends")


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


async def _named(tx: Tx, poll: Poll, viewer: Viewer | None) -> PollView:
    group = await groups.group(tx, Iri(poll.group_iri))
    name = group.name if group else poll.group_iri.partition("://")[2].partition("/")[0]
    mine = await taken(tx, viewer.person, [poll.iri]) if viewer else {}
    return _view(tx, poll, name, viewer, mine)


def _view(
    tx: Tx, poll: Poll, name: str, viewer: Viewer | None, taken: Mapping[str, set[int]]
) -> PollView:
    ours, mine = is_ours(tx, poll.iri), taken.get(poll.iri, set())
    return PollView(
        iri=Iri(poll.iri),
        group=Iri(poll.group_iri),
        group_name=name,
        text=poll.text,
        language=poll.language,
        choices=tuple(
            ChoiceView(text, votes, _percent(votes, poll.voters), at in mine)
            for at, (text, votes) in enumerate(zip(poll.choices, poll.counts, strict=True))
        ),
        voters=poll.voters,
        several=poll.several,
        public=poll.public,
        published=poll.published,
        ends=poll.ends,
        open=is_open(tx, poll),
        answered=bool(mine),
        leads=ours and viewer is not None and poll.group_iri in viewer.leads,
        href=poll.iri.removeprefix(tx.origin) if ours else "",
    )


def _percent(votes: int, voters: int) -> int:
    return min(round(100 * votes / voters), 100) if voters else 0
