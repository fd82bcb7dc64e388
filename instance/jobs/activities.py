"""What is said of jobs: to everybody, to members, to allies; and what is heard of others'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from federation import PUBLIC, Activity, Forbidden, Iri, Malformed, origin_of
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import DomainError
from instance.groups import service as groups
from instance.groups.events import MemberJoined
from instance.jobs import bonfire, heard, known, reactions
from instance.jobs.documents import job_document, posting_of, proposal_document, tombstone
from instance.jobs.events import JobCalledOff, JobChanged, JobPosted
from instance.jobs.models import Audience, ReactionKind
from instance.jobs.reading import jobs, require_job
from instance.jobs.service import tell_allies
from instance.jobs.views import JobView
from instance.network import service as network
from instance.wire import context, envelope, instant

MOST_NAMED = 500
REACTIONS = {
    "Like": ReactionKind.LIKE,
    "EmojiReact": ReactionKind.LIKE,
    "Announce": ReactionKind.SHARE,
}
UNDONE = ("Like", "Announce")
OTHER_PROPOSALS = heard.PROPOSALS[1:]
INTENTS = bonfire.INTENTS


def is_job(activity: Activity) -> bool:
    """Tell whether an activity is about a job, by its object."""
    return heard.is_job(activity.object)


def is_public_job(activity: Activity) -> bool:
    """Tell whether an activity is about a job that is for everybody to read."""
    return is_job(activity) and heard.is_public(activity.document)


async def send_posted(tx: Tx, happened: JobPosted) -> None:
    """Tell of a new job, and let microblogs pass it on."""
    job = await require_job(tx, happened.job)
    told = await _allies(tx, job)
    await tell_allies(tx, job.iri, told)
    await _tell(tx, "Create", job, told)
    if job.audience is Audience.PUBLIC:
        announce = envelope(tx, "Announce", job.group, job.iri, to=[PUBLIC], cc=[_followers(job)])
        await tx.send(announce, conversation=job.iri)


async def send_changed(tx: Tx, happened: JobChanged) -> None:
    """Tell everybody who was told of a job how it stands now."""
    job = await require_job(tx, happened.job)
    await _tell(tx, "Update", job, job.told)


async def send_called_off(tx: Tx, happened: JobCalledOff) -> None:
    """Tell everybody who was told of a job that it is gone."""
    job = await require_job(tx, happened.job)
    inner = tombstone(job.iri)
    wide = _wide(job, job.told)
    for to, cc in [*([wide] if wide[0] else []), *await _members(tx, job)]:
        delete = envelope(tx, "Delete", job.group, inner, to=to, cc=cc, decision=job.decision)
        await tx.send(delete, conversation=job.iri)


async def send_to_new_member(tx: Tx, happened: MemberJoined) -> None:
    """Tell somebody who has just joined a group of its open jobs, with their hours."""
    for job in await jobs(tx, happened.group, tx.now):
        await _say(tx, "Create", job, Audience.MEMBERS, [happened.person], [])


async def receive_job(tx: Tx, activity: Activity) -> None:
    """Keep a job that a group published or changed; only the group itself can say so."""
    document = activity.object
    try:
        posting = heard.read_posting(document)
    except (ValueError, KeyError) as error:
        raise Malformed(f"This job cannot be read: {error}") from error
    if posting.group != activity.actor or origin_of(posting.iri) != activity.origin:
        raise Malformed("A job is published by the group whose job it is.")
    try:
        await known.hear(
            tx, posting, activity.actor, activity.origin, public=heard.is_public(document)
        )
    except DomainError as error:
        raise Forbidden(error.message) from error


async def receive_deleted(tx: Tx, activity: Activity) -> None:
    """Take down a job that its group deleted; what is no job of theirs changes nothing."""
    iri = activity.object_id
    if origin_of(iri) != activity.origin:
        raise Malformed("Only what is on its own host can be deleted by an actor.")
    try:
        await known.forget(tx, iri, activity.actor, activity.origin)
    except DomainError as error:
        raise Forbidden(error.message) from error


async def receive_reaction(tx: Tx, activity: Activity) -> None:
    """Count a Like, an emoji or an Announce of a job's post; others change nothing.

    The page is for everybody to read: what limited accounts say is not counted there.
    """
    if network.is_limited(tx, activity.actor):
        return
    await reactions.add(tx, activity.object_id, REACTIONS[activity.type], activity.actor)


async def receive_undone_reaction(tx: Tx, activity: Activity) -> None:
    """Count a reaction no more; only who reacted can say so. One not heard yet never counts."""
    reaction = Activity.read({**activity.document, **activity.object, "to": [], "cc": []})
    if reaction.actor != activity.actor:
        raise Malformed("Only who reacted takes it back.")
    store = tx.federation.store.inbox
    if not await store.was_seen(tx, reaction.id):
        await store.withdraw(tx, reaction.id)
        return
    await reactions.take_back(tx, reaction.object_id, REACTIONS[reaction.type], activity.actor)


async def receive_deleted_by_id(tx: Tx, activity: Activity) -> None:
    """Take down a job that its group deleted by its id alone, if we were told of it."""
    if await known.known_job(tx, activity.object_id, exact=True) is not None:
        await receive_deleted(tx, activity)


def note_document(job: JobView, *, exact: bool, origin: str) -> dict[str, Any]:
    """Write the document that stands at a job's address, for everybody or for members."""
    audience = Audience.MEMBERS if exact else job.audience
    to: dict[Audience, Sequence[str]] = {
        Audience.PUBLIC: [],
        Audience.MEMBERS: [f"{job.group}/members"],
        Audience.ALLIES: list(job.told),
    }
    return {"@context": context(origin), **job_document(job, audience=audience, to=to[audience])}


def twin_document(job: JobView) -> dict[str, Any]:
    """Write the strict Proposal that stands beside a public job's Note."""
    return proposal_document(posting_of(job, exact=False))


def gone_document(job: JobView, origin: str) -> dict[str, Any]:
    """Write the Tombstone that stands where a job was."""
    return {"@context": context(origin), **tombstone(job.iri), "deleted": instant(job.updated)}


async def featured_document(tx: Tx, group: Iri, limit: int) -> dict[str, Any]:
    """List a group's open public jobs as Notes, so that a newly found group is not empty."""
    found = await jobs(tx, group, tx.now, audience=Audience.PUBLIC, limit=limit)
    return {
        "@context": context(tx.origin),
        "id": f"{group}/featured",
        "type": "OrderedCollection",
        "attributedTo": group,
        "totalItems": len(found),
        "orderedItems": [job_document(one, audience=Audience.PUBLIC) for one in found],
    }


async def _tell(tx: Tx, kind: str, job: JobView, allies: Sequence[str]) -> None:
    to, cc = _wide(job, allies)
    if to:
        await _say(tx, kind, job, job.audience, to, cc)
    for named, _ in await _members(tx, job):
        await _say(tx, kind, job, Audience.MEMBERS, named, [])


async def _say(
    tx: Tx, kind: str, job: JobView, audience: Audience, to: Sequence[str], cc: Sequence[str]
) -> None:
    note = job_document(job, audience=audience, to=to, cc=cc)
    said = envelope(tx, kind, job.group, note, to=to, cc=cc, decision=job.decision)
    await tx.send(said, conversation=job.iri)


def _wide(job: JobView, allies: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return whom the version without exact hours is for: nobody, when it is members' only."""
    if job.audience is Audience.PUBLIC:
        return [PUBLIC], [_followers(job)]
    return (list(allies), []) if job.audience is Audience.ALLIES else ([], [])


async def _members(tx: Tx, job: JobView) -> list[tuple[list[str], list[str]]]:
    """Name the group's members home by home: no home learns who else belongs to the group."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for member in await groups.members(tx, job.group):
        homes[origin_of(member.person)].append(member.person)
    return [
        (people[at : at + MOST_NAMED], [])
        for _, people in sorted(homes.items())
        for at in range(0, len(people), MOST_NAMED)
    ]


async def _allies(tx: Tx, job: JobView) -> list[Iri]:
    if job.audience is not Audience.ALLIES:
        return []
    return [one.ally for one in await alliances.allies(tx, job.group)]


def _followers(job: JobView) -> str:
    return f"{job.group}/followers"
