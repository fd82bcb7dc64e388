"""Follow groups, stop, and read the jobs that they publish and pass on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.follows import posts
from instance.follows.events import (
    FollowEnded,
    FollowWritten,
    JobNotPassedOn,
    JobPassedOn,
    PassingOnEnded,
)
from instance.follows.models import Follow, SharedJob, Subscription, SubscriptionState
from instance.follows.views import FollowedGroup, FollowedJob, FollowedPage, PostsPage
from instance.jobs import service as jobs
from instance.network import service as network
from instance.network.events import Blocked, BlockedByThem
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

MOST_FOLLOWED = 100
MOST_SHARED = 200
PAGE = 30
FILE_PAGE = 1_000
KEPT = timedelta(days=60)
FORGET = "follows.forget_shared"


async def follow(tx: Tx, viewer: Viewer, group: Iri, name: str, handle: str) -> None:
    """Follow a group, wherever it lives; emits FollowWritten when nobody here did before.

    A group that refused is asked again. Raises Invalid for somebody who follows very many.
    """
    row = await tx.get(Subscription, group)
    if row is None or row.state is SubscriptionState.REFUSED:
        iri = tx.federation.new_id()
        row = row or Subscription(group_iri=group)
        row.name, row.handle, row.follow = name, handle, iri
        row.state, row.since = SubscriptionState.ASKED, tx.now
        tx.session.add(row)
        # the row below names this one, and no relationship tells the session so
        await tx.session.flush()
        tx.emit(FollowWritten(group, iri))
    if await tx.get(Follow, (viewer.person, group)) is None:
        counted = sa.select(sa.func.count()).where(Follow.person == viewer.person)
        if (await tx.session.execute(counted)).scalar_one() >= MOST_FOLLOWED:
            raise Invalid("You follow as many groups as can be shown.", field="address")
        tx.session.add(Follow(person=viewer.person, group_iri=group, since=tx.now))


async def unfollow(tx: Tx, viewer: Viewer, group: Iri) -> None:
    """Follow a group no more; emits FollowEnded when nobody here does."""
    row = await tx.get(Follow, (viewer.person, group))
    if row is None:
        return
    await tx.session.delete(row)
    # who is left is counted by the database
    await tx.session.flush()
    others = sa.select(sa.func.count()).where(Follow.group_iri == group)
    subscription = await tx.get(Subscription, group)
    if subscription is None or (await tx.session.execute(others)).scalar_one():
        return
    if not group.startswith(f"{tx.origin}/"):
        await tx.session.execute(sa.delete(SharedJob).where(SharedJob.group_iri == group))
        await posts.forget_author(tx, group)
    await tx.session.delete(subscription)
    tx.emit(FollowEnded(group, Iri(subscription.follow)))


async def on_blocked(tx: Tx, happened: Blocked) -> None:
    """Follow nothing more of what was blocked here; it is not told."""
    for group in await tx.session.scalars(sa.select(Subscription.group_iri)):
        if network.is_about(happened.subject, group):
            await _end(tx, group)
    await posts.forget_blocked(tx, happened.subject)


async def on_blocked_by_them(tx: Tx, happened: BlockedByThem) -> None:
    """Follow a group no more that wants nothing from this instance."""
    if happened.actor == network.instance_actor(tx.origin):
        await _end(tx, happened.by)


async def answered(tx: Tx, group: Iri, follow: str, state: SubscriptionState) -> None:
    """Note what a group said to being followed; what it says of an older request is let pass."""
    row = await tx.get(Subscription, group)
    if row is not None and follow in {"", row.follow}:
        row.state = state


async def following(tx: Tx, group: Iri) -> dict[Iri, bool]:
    """Return who of this instance follows a group: True once it has accepted."""
    row = await tx.get(Subscription, group)
    if row is None or row.state is SubscriptionState.REFUSED:
        return {}
    me = network.instance_actor(tx.origin)
    return {me: row.state is SubscriptionState.ACCEPTED}


async def ask_again(tx: Tx, group: Iri) -> None:
    """Ask a group anew that has lost this follower; emits FollowWritten."""
    row = await tx.get(Subscription, group)
    if row is not None:
        row.follow, row.state = tx.federation.new_id(), SubscriptionState.ASKED
        tx.emit(FollowWritten(group, Iri(row.follow)))


async def share(tx: Tx, group: Iri, announce: Iri, job: str) -> bool:
    """Note that a group passes a job on; return whether anybody here follows that group."""
    if await tx.get(Subscription, group) is None:
        return False
    if await tx.get(SharedJob, announce) is not None:
        return True
    counted = sa.select(sa.func.count()).where(SharedJob.group_iri == group)
    if (await tx.session.execute(counted)).scalar_one() < MOST_SHARED:
        tx.session.add(SharedJob(announce=announce, group_iri=group, job=job, at=tx.now))
        await due.schedule(tx, tx.now + KEPT, FORGET, announce)
    return True


async def unshare(tx: Tx, group: Iri, announce: str) -> None:
    """Note that a group no longer passes something on; emits PassingOnEnded."""
    row = await tx.get(SharedJob, announce)
    if row is not None and row.group_iri == group:
        await tx.session.delete(row)
        tx.emit(PassingOnEnded(Iri(row.job)))


async def is_shared(tx: Tx, announce: Iri) -> bool:
    """Tell whether an activity by which a followed group passed something on is kept here."""
    return await tx.get(SharedJob, announce) is not None


async def passed_to(tx: Tx, person: Iri) -> dict[Iri, str]:
    """Return what the groups that somebody follows passed on, each with the name of the last."""
    names = await names_of_followed(tx, person)
    return {what: names[group] for what, group in (await _shared(tx, names)).items()}


async def is_passed_on(tx: Tx, what: Iri) -> bool:
    """Tell whether any group that is followed from here passes something on."""
    found = sa.select(SharedJob.announce).where(SharedJob.job == what).limit(1)
    return (await tx.session.execute(found)).first() is not None


async def forget_shared(tx: Tx, announce: str) -> None:
    """Forget that a job was passed on, some time after."""
    await tx.session.execute(sa.delete(SharedJob).where(SharedJob.announce == announce))


async def passed_on(tx: Tx, viewer: Viewer, job: str) -> list[tuple[Iri, bool]]:
    """Name the groups that the viewer leads, each with whether it passes a job on."""
    passing = dict(await _announces(tx, job))
    return [(group, group in passing) for group in viewer.leads]


async def pass_on(tx: Tx, viewer: Viewer, group: Iri, job: str) -> None:
    """Pass a public job of another group on to a group's followers; emits JobPassedOn.

    Doing so again changes nothing. Raises NotFound unless the viewer leads the group and the job
    is one that everybody may read.
    """
    owner = await _owner(tx, viewer, group, job)
    if group in dict(await _announces(tx, job)):
        return
    announce = tx.federation.new_id()
    tx.session.add(SharedJob(announce=announce, group_iri=group, job=job, at=tx.now))
    await due.schedule(tx, tx.now + KEPT, FORGET, announce)
    text = "Another group's job was passed on."
    await transparency.note(tx, "follows.passed_on", by=viewer.person, group=group, text=text)
    tx.emit(JobPassedOn(group, Iri(job), owner, announce))


async def take_back(tx: Tx, viewer: Viewer, group: Iri, job: str) -> None:
    """Pass a job on no more; emits JobNotPassedOn. Raises as `pass_on` does."""
    owner = await _owner(tx, viewer, group, job)
    announce = dict(await _announces(tx, job)).get(group)
    if announce is not None:
        await forget_shared(tx, announce)
        tx.emit(JobNotPassedOn(group, Iri(job), owner, announce))


async def names_of_followed(tx: Tx, person: Iri) -> dict[Iri, str]:
    """Return what the groups that somebody follows are called."""
    chosen = (
        sa.select(Subscription.group_iri, Subscription.name)
        .join(Follow, Follow.group_iri == Subscription.group_iri)
        .where(Follow.person == person)
    )
    return {Iri(group): name for group, name in await tx.session.execute(chosen)}


async def followed_among(tx: Tx, groups: Iterable[Iri]) -> set[str]:
    """Return those of these groups that anybody here follows."""
    chosen = sa.select(Subscription.group_iri).where(Subscription.group_iri.in_(sorted(groups)))
    return set(await tx.session.scalars(chosen))


async def is_followed(tx: Tx, group: Iri) -> bool:
    """Tell whether anybody here follows a group."""
    return await tx.get(Subscription, group) is not None


async def _owner(tx: Tx, viewer: Viewer, group: Iri, job: str) -> Iri:
    await people.require_leader(tx, viewer, group)
    found = await jobs.known_public(tx, [Iri(job)])
    if not found or found[0].posting.group == group:
        raise NotFound
    return found[0].posting.group


async def _announces(tx: Tx, job: str) -> list[tuple[Iri, Iri]]:
    chosen = sa.select(SharedJob.group_iri, SharedJob.announce).where(
        SharedJob.job == job, SharedJob.group_iri.startswith(f"{tx.origin}/", autoescape=True)
    )
    return [(Iri(group), Iri(announce)) for group, announce in await tx.session.execute(chosen)]


async def followed(tx: Tx, viewer: Viewer) -> FollowedPage:
    """Gather what somebody follows: the groups by name, their public jobs by when they begin."""
    chosen = (
        sa.select(Subscription)
        .join(Follow, Follow.group_iri == Subscription.group_iri)
        .where(Follow.person == viewer.person)
        .order_by(Subscription.name, Subscription.group_iri)
    )
    rows: Sequence[Subscription] = (await tx.session.scalars(chosen)).all()
    names = {Iri(row.group_iri): row.name for row in rows}
    own = await jobs.open_jobs(tx, names)
    shared = await _shared(tx, names)
    passed_on = await jobs.known_public(tx, [one for one in shared if one not in _iris(own)])
    found = [FollowedJob(one) for one in own]
    found += [FollowedJob(one, names[shared[one.posting.iri]]) for one in passed_on]
    groups = [FollowedGroup(Iri(row.group_iri), row.name, row.handle, row.state) for row in rows]
    return FollowedPage(tuple(groups), tuple(found))


async def posts_page(tx: Tx, viewer: Viewer, page: int, size: int = PAGE) -> PostsPage:
    """Gather a page of what the groups wrote and passed on that somebody follows."""
    return await posts.written(tx, await names_of_followed(tx, viewer.person), page, size)


async def _end(tx: Tx, group: str) -> None:
    for table in (SharedJob, Follow, Subscription):
        await tx.session.execute(sa.delete(table).where(table.group_iri == group))
    await posts.forget_author(tx, group)


async def _shared(tx: Tx, groups: dict[Iri, str]) -> dict[Iri, Iri]:
    chosen = (
        sa.select(SharedJob.job, SharedJob.group_iri)
        .where(SharedJob.group_iri.in_(sorted(groups)))
        .order_by(SharedJob.at.desc())
        .limit(MOST_SHARED)
    )
    found = (await tx.session.execute(chosen)).all()
    return {Iri(job): Iri(group) for job, group in reversed(found)}


def _iris(found: Sequence[jobs.OpenJob]) -> set[Iri]:
    return {one.posting.iri for one in found}
