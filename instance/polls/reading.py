"""Polls as they are shown: to whoever is asked, and on the page of the group that asks."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.follows import service as follows
from instance.groups import service as groups
from instance.network import service as network
from instance.paging import turned_to
from instance.people import service as people
from instance.polls.models import Poll
from instance.polls.views import ChoiceView, PollForm, PollsPage, PollView
from instance.polls.voting import belongs, is_open, is_ours, may_see, taken
from instance.viewer import Viewer

MOST_SHOWN = 100
PAGE = 5


async def polls_page(tx: Tx, viewer: Viewer) -> PollsPage:
    """Gather what somebody is asked, and what the groups she leads ask."""
    member = {one.group: one.name for one in await groups.belongings(tx, viewer.person)}
    here = {one.iri: one.name for one in await groups.groups(tx)}
    asked = member | {one: here[one] for one in viewer.leads if one in here}
    names = await follows.names_of_followed(tx, viewer.person) | asked
    shared = await follows.passed_to(tx, viewer.person)
    chosen = (
        sa.select(Poll)
        .where(
            Poll.gone.is_(None),
            sa.or_(
                Poll.group_iri.in_(sorted(asked)),
                sa.and_(Poll.public, Poll.group_iri.in_(sorted(names))),
                sa.and_(Poll.public, Poll.iri.in_(sorted(shared))),
            ),
        )
        .order_by(Poll.ends.desc(), Poll.iri)
        .limit(MOST_SHOWN)
    )
    found = await tx.session.scalars(chosen)
    # what had come before who asks was blocked
    rows = [row for row in found if not network.is_blocked(tx, row.group_iri)]
    mine = await taken(tx, viewer.person, [row.iri for row in rows])
    called = here | {group: name for group, name in names.items() if name}
    called |= await groups.handles_of(
        tx, sorted({Iri(row.group_iri) for row in rows} - called.keys())
    )
    seen = []
    for row in rows:
        group = Iri(row.group_iri)
        by = "" if group in names else shared[Iri(row.iri)]
        seen.append(_view(tx, row, called[group], viewer, mine, by))
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


async def led_poll(tx: Tx, viewer: Viewer, iri: Iri) -> PollView:
    """Return a poll of a group that the viewer leads, and that still stands; else NotFound."""
    view = await seen_poll(tx, viewer, iri)
    await people.require_leader(tx, viewer, view.group)
    if view.gone is not None:
        raise NotFound
    return view


async def read_poll(tx: Tx, iri: Iri) -> PollView | None:
    """Return a poll as nobody in particular sees it."""
    poll = await tx.get(Poll, iri)
    return await _named(tx, poll, None) if poll is not None else None


async def questions_of(tx: Tx, viewer: Viewer | None, group: Iri, page: int) -> groups.Questions:
    """List what a group here asks and asked: to whoever belongs to it all, else what is for all.

    Of what is over it is one page, counted from 1; a number beyond the last gives the last.
    """
    which: list[sa.ColumnExpressionArgument[bool]] = [
        Poll.group_iri == group,
        Poll.gone.is_(None),
    ]
    if viewer is None or not await belongs(tx, viewer.person, group):
        which.append(Poll.public)
    over = sa.or_(Poll.closed, Poll.ends <= tx.now)
    counted = sa.select(sa.func.count()).select_from(Poll).where(*which, over)
    total = (await tx.session.execute(counted)).scalar_one()
    page, pages = turned_to(page, total, PAGE)
    standing = sa.select(Poll).where(*which, sa.not_(over)).order_by(Poll.ends, Poll.iri)
    past = sa.select(Poll).where(*which, over).order_by(Poll.ends.desc(), Poll.iri)
    turned = past.limit(PAGE).offset((page - 1) * PAGE)
    return groups.Questions(
        tuple(_question(tx, row) for row in await tx.session.scalars(standing)),
        tuple(_question(tx, row) for row in await tx.session.scalars(turned)),
        page,
        pages,
        total,
    )


async def poll_form(tx: Tx, viewer: Viewer) -> PollForm:
    """Return what the form for a new poll needs; NotFound for somebody who leads no group."""
    names = {one.iri: one.name for one in await groups.groups(tx)}
    led = [(one.rpartition("/")[2], names[one]) for one in viewer.leads if one in names]
    if not led:
        raise NotFound
    return PollForm(tuple(led))


async def _named(tx: Tx, poll: Poll, viewer: Viewer | None) -> PollView:
    name = await _name(tx, Iri(poll.group_iri))
    mine = await taken(tx, viewer.person, [poll.iri]) if viewer else {}
    return _view(tx, poll, name, viewer, mine)


def _question(tx: Tx, poll: Poll) -> groups.Question:
    return groups.Question(
        iri=Iri(poll.iri),
        href=poll.iri.removeprefix(tx.origin),
        text=poll.text,
        language=poll.language,
        voters=poll.voters,
        public=poll.public,
        ends=poll.ends,
    )


async def _name(tx: Tx, group: Iri) -> str:
    """Return what a group here is called, or how somebody elsewhere is addressed."""
    here = await groups.group(tx, group)
    return here.name if here else await groups.handle_of(tx, group)


def _view(
    tx: Tx,
    poll: Poll,
    name: str,
    viewer: Viewer | None,
    taken: Mapping[str, set[int]],
    shared_by: str = "",
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
        gone=poll.gone,
        shared_by=shared_by,
    )


def _percent(votes: int, voters: int) -> int:
    return min(round(100 * votes / voters), 100) if voters else 0
