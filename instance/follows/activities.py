"""Following on the wire: this instance asks, groups answer, publish and pass on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from federation import (
    PUBLIC,
    Activity,
    Document,
    FederationError,
    Forbidden,
    Iri,
    Malformed,
    origin_of,
)
from instance import notes
from instance.db import Database, Tx
from instance.errors import DomainError, Invalid
from instance.follows import posts, service
from instance.follows.events import FollowEnded, FollowWritten, JobNotPassedOn, JobPassedOn
from instance.follows.models import SubscriptionState
from instance.jobs import service as jobs
from instance.network import service as network
from instance.wire import envelope

PATIENCE = 4.0
"""So many seconds are waited for the open jobs of a group that somebody begins to follow."""
MOST_LISTED = 40
KINDS = ("Group", "Organization", "Service", "Application")
POSTS = notes.KINDS[:-1]
"""What is written for many; a ChatMessage never is."""
DELETED = tuple(("Delete", kind) for kind in (*POSTS, "Tombstone", "*"))


class Followings:
    """Whom this instance follows, as federation compares it with what groups know of it."""

    async def of(self, tx: Tx, followed: Iri) -> Mapping[Iri, bool]:
        """Return who here follows a group; True where it has accepted."""
        return await service.following(tx, followed)

    async def accepted(self, tx: Tx, followed: Iri, _follower: Iri) -> None:
        """Note that a group lists this instance, whose answer never came."""
        await service.answered(tx, followed, "", SubscriptionState.ACCEPTED)

    async def lost(self, tx: Tx, followed: Iri, _follower: Iri) -> None:
        """Ask a group anew that has forgotten this instance: people here still want to follow."""
        await service.ask_again(tx, followed)


async def find(database: Database, address: str) -> tuple[Iri, str, str, list[Document]]:
    """Find a group to follow: its id, name, handle, and the jobs that it lists as open.

    Asked outside any transaction. Raises Invalid when there is no group at that address.
    """
    try:
        document = await database.federation.find(address)
    except (FederationError, ValueError) as error:
        raise Invalid(
            "No group answers at this address. Please look at it once more.", field="address"
        ) from error
    if document.get("type") not in KINDS:
        raise Invalid("This address is a person's, not a group's.", field="address")
    iri = Iri(str(document["id"]))
    username = str(document.get("preferredUsername") or iri.rpartition("/")[2])[:100]
    name = str(document.get("name") or username).strip()[:200]
    handle = f"{username}@{origin_of(iri).partition('://')[2]}"
    return iri, name or handle, handle, await _listed(database, iri, document.get("featured"))


async def keep_listed(tx: Tx, group: Iri, listed: Iterable[Document]) -> None:
    """Keep the open jobs that a group lists; what cannot be read is left out."""
    for one in listed:
        try:
            await jobs.hear_published(tx, one, group)
        except (DomainError, ValueError, KeyError):
            continue


async def send_follow(tx: Tx, happened: FollowWritten) -> None:
    """Ask a group whether this instance may follow it."""
    me = network.instance_actor(tx.origin)
    await tx.send(_follow(tx, me, happened.group, happened.follow))


async def send_undo(tx: Tx, happened: FollowEnded) -> None:
    """Tell a group that nobody here follows it any more."""
    me = network.instance_actor(tx.origin)
    inner = _follow(tx, me, happened.group, happened.follow)
    short = {name: inner[name] for name in ("id", "type", "actor", "object")}
    await tx.send(envelope(tx, "Undo", me, short, to=[happened.group]))


async def send_announce(tx: Tx, happened: JobPassedOn) -> None:
    """Pass a job on to everybody who follows a group, and tell the group whose job it is."""
    await tx.send(_announce(tx, happened))


async def send_undone_announce(tx: Tx, happened: JobNotPassedOn) -> None:
    """Tell everybody who was told that a group no longer passes a job on."""
    inner = _announce(tx, happened)
    short = {name: inner[name] for name in ("id", "type", "actor", "object")}
    undo = envelope(tx, "Undo", happened.group, short, to=inner["to"], cc=inner["cc"])
    await tx.send(undo)


async def receive_accept(tx: Tx, activity: Activity) -> None:
    """Note that a group lets this instance follow it."""
    await service.answered(tx, activity.actor, _asked(activity), SubscriptionState.ACCEPTED)


async def receive_reject(tx: Tx, activity: Activity) -> None:
    """Note that a group does not let this instance follow it, or no longer."""
    await service.answered(tx, activity.actor, _asked(activity), SubscriptionState.REFUSED)


def needs_of_announce(activity: Activity) -> Iterable[Iri]:
    """Name what is passed on: it is believed as its own host serves it.

    What is on the announcer's own host was sent whole already.
    """
    here = origin_of(activity.object_id) == activity.origin
    return [] if here else [activity.object_id]


async def receive_announce(tx: Tx, activity: Activity) -> None:
    """Keep a job that a followed group passes on, as the job's own host has it."""
    document = activity.fetched.get(activity.object_id)
    if document is None or document.get("id") != activity.object_id:
        return
    if not await service.share(tx, activity.actor, activity.id, activity.object_id):
        return
    try:
        if document.get("type") in POSTS and not jobs.is_published(document):
            tx.gather(_keep_posts, notes.read_published(document, tx.now))
        elif document.get("type") != "Question":  # a poll: not ours to keep
            await jobs.hear_published(tx, document)
    except DomainError as error:
        raise Forbidden(error.message) from error
    except (ValueError, KeyError) as error:
        raise Malformed(f"This job cannot be read: {error}") from error


def needs_of_announced_post(activity: Activity) -> Iterable[Iri]:
    """Name the post whose publication is passed on, as forums do: its own host is believed."""
    inner = notes.iri_in(activity.object.get("object"))
    return [Iri(inner)] if inner else []


async def receive_announced_post(tx: Tx, activity: Activity) -> None:
    """Keep a post that a followed forum passes on, as the post's own host has it."""
    for iri, document in activity.fetched.items():
        readable = document.get("id") == iri and document.get("type") in POSTS
        if readable and await service.share(tx, activity.actor, activity.id, iri):
            tx.gather(_keep_posts, notes.read_published(document, tx.now))


def is_post(activity: Activity) -> bool:
    """Tell whether an activity is about something written for whoever follows its author."""
    return not jobs.is_published(activity.object) and notes.is_for_followers(activity.object)


async def receive_post(tx: Tx, activity: Activity) -> None:
    """Keep what a followed group writes; of its answers to others, none."""
    tx.gather(_keep_posts, activity)


async def receive_deleted_post(tx: Tx, activity: Activity) -> None:
    """Drop a post that its author deleted; anything else is none of ours."""
    tx.gather(_keep_posts, activity)


async def receive_undone_announce(tx: Tx, activity: Activity) -> None:
    """Note that a followed group no longer passes a job on."""
    await service.unshare(tx, activity.actor, activity.object_id)


async def _keep_posts(tx: Tx, said: Sequence[Activity | notes.HeardNote]) -> None:
    """Read many posts at once: most are of somebody whom nobody here follows."""
    activities = [one for one in said if isinstance(one, Activity)]
    followed = await service.followed_among(tx, {one.actor for one in activities})
    read: list[notes.HeardNote | posts.DeletedPost] = []
    for one in said:
        if isinstance(one, notes.HeardNote):
            read.append(one)
        elif one.type == "Delete":
            read.append(posts.DeletedPost(one.object_id, one.actor))
        elif one.actor in followed:
            read.append(notes.read_note(one, tx.now))
    if read:
        await posts.keep(tx, read)


def _asked(activity: Activity) -> str:
    return str(activity.object.get("id") or "")


def _announce(tx: Tx, happened: JobPassedOn | JobNotPassedOn) -> dict[str, Any]:
    cc = [f"{happened.group}/followers", happened.owner]
    written = envelope(tx, "Announce", happened.group, happened.job, to=[PUBLIC], cc=cc)
    return written | {"id": happened.announce}


def _follow(tx: Tx, me: Iri, group: Iri, iri: Iri) -> dict[str, Any]:
    return envelope(tx, "Follow", me, group, to=[group]) | {"id": iri}


async def _listed(database: Database, group: Iri, featured: object) -> list[Document]:
    """Fetch the open jobs that a group lists; none when it does not say, or not soon enough."""
    if not isinstance(featured, str) or origin_of(group) == database.settings.origin:
        return []
    try:
        if origin_of(featured) != origin_of(group):
            return []
        async with asyncio.timeout(PATIENCE):
            document = await database.federation.actors.get(featured)
    except (FederationError, TimeoutError):
        return []
    items = document.get("orderedItems") or document.get("items")
    many = items if isinstance(items, list) else []
    return [one for one in many[:MOST_LISTED] if isinstance(one, Mapping)]
