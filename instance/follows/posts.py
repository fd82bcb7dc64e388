"""What followed groups write and pass on besides jobs, for whoever follows them to read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.follows.models import FollowedPost, SharedJob
from instance.follows.views import PostsPage, PostView
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.network import service as network
from instance.notes import HeardNote
from instance.paging import turned_to

MOST_OF_AN_AUTHOR = 200
KEPT = timedelta(days=30)
FORGET = "follows.forget_posts"


class DeletedPost(msgspec.Struct, frozen=True):
    """That its author deleted a post."""

    iri: Iri
    author: Iri


async def keep(tx: Tx, said: Sequence[HeardNote | DeletedPost]) -> None:
    """Keep what was written and drop what its author deleted, in this order.

    A newer version takes the place of an older one. What is another's, was deleted before, or
    answers anything but a post of its author's that is kept here, is let pass. Of each author the
    newest 200 are kept, for 30 days.
    """
    rows = await _known(tx, said)
    written = [one.iri for one in said if isinstance(one, HeardNote)]
    gone = await jobs.deleted_among(tx, set(written) - rows.keys())
    new: dict[str, FollowedPost] = {}
    for one in said:
        row = rows.get(one.iri)
        if row is not None and row.author != one.author:
            continue
        if isinstance(one, DeletedPost):
            gone.add(one.iri)
            if rows.pop(one.iri, None) is not None and new.pop(one.iri, None) is None:
                await tx.session.delete(row)
        elif row is not None:
            _change(row, one)
        elif one.iri not in gone and _begins_or_continues(one, rows):
            rows[one.iri] = new[one.iri] = _row(one, tx.now)
    if new:
        tx.session.add_all(new.values())
        await tx.session.flush()  # who has written too much is counted by the database
        await _forget_the_oldest(tx, {one.author for one in new.values()})
        midnight = datetime.combine(tx.now.date(), time(), UTC) + timedelta(days=1)
        await due.schedule_once(tx, midnight + KEPT, FORGET, tx.now.date().isoformat())


async def forget_day(tx: Tx, day: str) -> None:
    """Forget what came on one day, when its time is over."""
    came = FollowedPost.heard == date.fromisoformat(day)
    await tx.session.execute(sa.delete(FollowedPost).where(came))


async def forget_author(tx: Tx, author: str) -> None:
    """Forget what a group wrote that nobody here follows any more."""
    await tx.session.execute(sa.delete(FollowedPost).where(FollowedPost.author == author))


async def forget_blocked(tx: Tx, subject: str) -> None:
    """Forget what was passed on of somebody, or of a whole server, that is blocked now."""
    authors = await tx.session.scalars(sa.select(FollowedPost.author).distinct())
    blocked = [one for one in authors if network.is_about(subject, one)]
    await tx.session.execute(sa.delete(FollowedPost).where(FollowedPost.author.in_(blocked)))


async def written(tx: Tx, names: Mapping[Iri, str], page: int, size: int) -> PostsPage:
    """Gather what these groups wrote, each with its name; a page beyond the last gives the last."""
    chosen = _chosen(sorted(names))
    counted = sa.select(sa.func.count()).select_from(chosen.subquery())
    total = int((await tx.session.execute(counted)).scalar_one())
    page, pages = turned_to(page, total, size)
    listed = chosen.subquery()
    rows = sa.select(FollowedPost, listed.c.shared_by).join(
        listed, listed.c.iri == FollowedPost.iri
    )
    newest = rows.order_by(listed.c.at.desc(), FollowedPost.iri)
    found = (await tx.session.execute(newest.limit(size).offset((page - 1) * size))).all()
    others = {Iri(row.author) for row, _ in found} - names.keys()
    called = {**names, **await groups.handles_of(tx, sorted(others))}
    views = [_view(row, called, shared_by) for row, shared_by in found]
    return PostsPage(tuple(views), bool(names), page, pages, total)


def _chosen(followed: list[Iri]) -> Any:
    """Choose what these groups wrote, and what they passed on of others, each once."""
    own = sa.select(
        FollowedPost.iri, FollowedPost.said.label("at"), sa.literal("").label("shared_by")
    ).where(FollowedPost.author.in_(followed))
    shared = (
        sa.select(
            FollowedPost.iri,
            sa.func.max(SharedJob.at).label("at"),
            sa.func.max(SharedJob.group_iri).label("shared_by"),
        )
        .join(SharedJob, SharedJob.job == FollowedPost.iri)
        .where(SharedJob.group_iri.in_(followed), FollowedPost.author.not_in(followed))
        .group_by(FollowedPost.iri)
    )
    return own.union_all(shared)


async def _known(tx: Tx, said: Sequence[HeardNote | DeletedPost]) -> dict[str, FollowedPost]:
    answered = {one.reply_to for one in said if isinstance(one, HeardNote) and one.reply_to}
    named = answered | {one.iri for one in said}
    chosen = sa.select(FollowedPost).where(FollowedPost.iri.in_(sorted(named)))
    return {row.iri: row for row in await tx.session.scalars(chosen)}


def _begins_or_continues(note: HeardNote, rows: Mapping[str, FollowedPost]) -> bool:
    answered = rows.get(note.reply_to)
    return not note.reply_to or (answered is not None and answered.author == note.author)


def _change(row: FollowedPost, note: HeardNote) -> None:
    if note.version > row.version:
        row.text, row.language, row.page = note.text, note.language, note.page
        row.version = note.version


def _row(note: HeardNote, now: datetime) -> FollowedPost:
    return FollowedPost(
        iri=note.iri,
        author=note.author,
        text=note.text,
        language=note.language,
        page=note.page,
        said=min(note.said, now),  # nobody's stays on top by saying that it is of tomorrow
        version=note.version,
        heard=now.date(),
    )


async def _forget_the_oldest(tx: Tx, authors: Collection[str]) -> None:
    author = FollowedPost.author
    counted = sa.select(author).where(author.in_(sorted(authors))).group_by(author)
    for many in await tx.session.scalars(counted.having(sa.func.count() > MOST_OF_AN_AUTHOR)):
        newest = sa.select(FollowedPost.iri).where(author == many)
        newest = newest.order_by(FollowedPost.said.desc(), FollowedPost.iri)
        older = FollowedPost.iri.in_(newest.offset(MOST_OF_AN_AUTHOR))
        await tx.session.execute(sa.delete(FollowedPost).where(older))


def _view(row: FollowedPost, names: Mapping[Iri, str], shared_by: str) -> PostView:
    return PostView(
        iri=Iri(row.iri),
        author=Iri(row.author),
        author_name=names[Iri(row.author)],
        text=row.text,
        language=row.language,
        page=row.page,
        said=row.said,
        changed=row.version > row.said,
        shared_by=names[Iri(shared_by)] if shared_by else "",
    )
