"""Polls on the wire: Questions and their counts, and answers to them, each a Note of one name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

from federation import (
    PUBLIC,
    Activity,
    Document,
    Forbidden,
    Iri,
    Malformed,
    Standing,
    addressees,
    origin_of,
)
from instance.db import Tx
from instance.errors import DomainError, NotFound
from instance.follows import service as follows
from instance.groups import service as groups
from instance.plaintext import plain_text
from instance.polls import service
from instance.polls.events import PollAsked, PollCounted, PollTakenDown, VoteCast
from instance.polls.views import HeardPoll, PollView
from instance.wire import context, envelope, instant, iri_in, moment_of

DELETED = (("Delete", "Question"), ("Delete", "Tombstone"), ("Delete", "*"))
MOST_NAMED = 500
MOST_CHOICES, MOST_CHOICE, MOST_TEXT = 20, 300, 2_000
MOST_COUNTED = 1_000_000_000
LIFE_UNSAID, LONGEST_LIFE = timedelta(days=30), timedelta(days=400)


def is_vote(activity: Activity) -> bool:
    """Tell whether a Note answers a poll: it has a name, answers something, and says no more."""
    note = activity.object
    named = isinstance(note.get("name"), str) and bool(note["name"])
    return named and bool(note.get("inReplyTo")) and not note.get("content")


async def receive_vote(tx: Tx, activity: Activity) -> None:
    """Count an answer to a poll of a group here; only who answers can send it."""
    note = activity.object
    author = iri_in(note, "attributedTo") if "attributedTo" in note else activity.actor
    if author != activity.actor:
        raise Malformed("An answer is sent by who gives it.")
    poll, choice = iri_in(note, "inReplyTo"), " ".join(str(note["name"]).split())
    try:
        await service.count(tx, poll, activity.actor, choice)
    except DomainError as error:
        raise Forbidden(error.message) from error


async def receive_changed_vote(_tx: Tx, _activity: Activity) -> None:
    """Let an answer stand as it was given: what changes it afterwards is not heard."""


async def receive_question(tx: Tx, activity: Activity) -> None:
    """Keep a poll, or its newer counts, as the group that asks tells it."""
    limited = tx.federation.standings.of(activity.actor) is Standing.LIMITED
    heard = read_question(activity, tx.now, quiet=limited)
    try:
        await service.hear(tx, heard)
    except DomainError as error:
        raise Forbidden(error.message) from error


async def receive_announce(tx: Tx, activity: Activity) -> None:
    """Keep a poll that a followed group passes on, as the poll's own host has it."""
    document = activity.fetched.get(activity.object_id, {})
    if document.get("type") != "Question" or document.get("id") != activity.object_id:
        return
    if not await follows.is_shared(tx, activity.id):
        return
    try:
        await service.hear_passed_on(tx, read_passed_on(document, tx.now))
    except DomainError as error:
        raise Forbidden(error.message) from error


async def receive_deleted(tx: Tx, activity: Activity) -> None:
    """Drop a poll that its group deleted; anything else is none of ours."""
    try:
        await service.forget_heard(tx, activity.object_id, activity.actor)
    except DomainError as error:
        raise Forbidden(error.message) from error


async def send_asked(tx: Tx, happened: PollAsked) -> None:
    """Put a poll to everybody it is for."""
    poll = await service.read_poll(tx, happened.poll)
    if poll is not None:
        await _tell(tx, "Create", poll, ())


async def send_counted(tx: Tx, happened: PollCounted) -> None:
    """Tell the counts to everybody who was asked, and to who answered from elsewhere."""
    poll = await service.read_poll(tx, happened.poll)
    if poll is not None:
        await _tell(tx, "Update", poll, happened.voters)


async def send_taken_down(tx: Tx, happened: PollTakenDown) -> None:
    """Tell everybody who was asked, and who had answered from elsewhere, that a poll is gone."""
    gone, chosen = _tombstone(happened.poll), happened.decision
    for to, cc, also_to in await _asked(tx, happened.group, happened.public, happened.voters):
        said = envelope(tx, "Delete", happened.group, gone, to=to, cc=cc, decision=chosen)
        await tx.send(said, conversation=happened.poll, also_to=also_to)


async def send_vote(tx: Tx, happened: VoteCast) -> None:
    """Send an answer to the group that asks, and to nobody else: an activity for each choice."""
    for choice in happened.choices:
        note = {
            "id": f"{happened.person}#{tx.federation.new_id('votes').rpartition('/')[2]}",
            "type": "Note",
            "attributedTo": happened.person,
            "to": [happened.group],
            "inReplyTo": happened.poll,
            "name": choice,
            "published": instant(tx.now),
        }
        create = envelope(tx, "Create", happened.person, note, to=[happened.group])
        await tx.send(create, conversation=happened.poll)


async def served_question(tx: Tx, iri: Iri, reader: Iri | None) -> tuple[dict[str, Any], bool, int]:
    """Return a poll as its document, whether it is for everybody, and the status of the answer.

    Raises NotFound for one that is not the reader's to see.
    """
    poll = await service.read_poll(tx, iri)
    members = await groups.members(tx, poll.group) if poll and not poll.public else []
    homes = {origin_of(one.person) for one in members}
    if poll is None or (not poll.public and (reader is None or origin_of(reader) not in homes)):
        raise NotFound
    if poll.gone is not None:
        gone = {"@context": context(tx.origin), **_tombstone(iri), "deleted": instant(poll.gone)}
        return gone, poll.public, 410
    written = question_document(poll, *_addressed(poll.group, poll.public))
    return {"@context": _context(tx), **written}, poll.public, 200


def question_document(poll: PollView, to: Sequence[str], cc: Sequence[str]) -> dict[str, Any]:
    """Write a poll as microblogs read it: who took which choice is counted, nobody is named."""
    content = "".join(f"<p>{escape(one)}</p>" for one in poll.text.splitlines() if one.strip())
    written: dict[str, Any] = {
        "id": poll.iri,
        "type": "Question",
        "attributedTo": poll.group,
        "to": list(to),
        "cc": list(cc),
        "url": poll.iri,
        "content": content,
        "contentMap": {poll.language: content},
        "published": instant(poll.published),
        "endTime": instant(poll.ends),
        "votersCount": poll.voters,
        "anyOf" if poll.several else "oneOf": [
            {
                "type": "Note",
                "name": one.text,
                "replies": {"type": "Collection", "totalItems": one.votes},
            }
            for one in poll.choices
        ],
    }
    return written if poll.open else written | {"closed": instant(poll.ends)}


def read_question(activity: Activity, now: datetime, *, quiet: bool = False) -> HeardPoll:
    """Read a poll, bounded and plain; raise Malformed when it cannot be one.

    One that says nothing of its end closes 30 days after it was published.
    """
    document = activity.object
    if iri_in(document, "attributedTo") != activity.actor:
        raise Malformed("A question is sent by who asks it.")
    said = activity.document.get("published", document.get("published"))
    return _read(document, PUBLIC in activity.addressees(), said, now, quiet)


def read_passed_on(document: Document, now: datetime) -> HeardPoll:
    """Read a poll as its own host serves it; raise Malformed as `read_question` does."""
    named = [*addressees(document, "to"), *addressees(document, "cc")]
    said = document.get("updated", document.get("published"))
    return _read(document, PUBLIC in named, said, now, quiet=False)


async def _tell(tx: Tx, kind: str, poll: PollView, voters: Sequence[Iri]) -> None:
    for to, cc, also_to in await _asked(tx, poll.group, poll.public, voters):
        written = envelope(tx, kind, poll.group, question_document(poll, to, cc), to=to, cc=cc)
        written["@context"] = _context(tx)
        await tx.send(written, conversation=poll.iri, also_to=also_to)


async def _asked(
    tx: Tx, group: Iri, public: bool, voters: Sequence[Iri]
) -> list[tuple[list[str], list[str], list[Iri]]]:
    """Return whom a poll is put to, for each activity: in `to`, in `cc`, and unnamed."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for member in await groups.members(tx, group):
        if origin_of(member.person) != tx.origin:
            homes[origin_of(member.person)].append(member.person)
    if public:
        named = [*voters, *(Iri(one) for people in homes.values() for one in people)]
        away = [one for one in dict.fromkeys(named) if origin_of(one) != tx.origin]
        return [(*_addressed(group, public), away)]
    return [
        (people[at : at + MOST_NAMED], [], [])
        for _, people in sorted(homes.items())
        for at in range(0, len(people), MOST_NAMED)
    ]


def _context(tx: Tx) -> list[Any]:
    return context(tx.origin, toot="http://joinmastodon.org/ns#", votersCount="toot:votersCount")


def _addressed(group: Iri, public: bool) -> tuple[list[str], list[str]]:
    return ([PUBLIC], [f"{group}/followers"]) if public else ([f"{group}/members"], [])


def _tombstone(iri: Iri) -> dict[str, Any]:
    return {"id": iri, "type": "Tombstone", "formerType": "Question"}


def _read(document: Document, public: bool, said: Any, now: datetime, quiet: bool) -> HeardPoll:
    group, iri = iri_in(document, "attributedTo"), iri_in(document, "id")
    if origin_of(iri) != origin_of(group):
        raise Malformed("A question is on the host of who asks it.")
    several = not isinstance(document.get("oneOf"), list)
    choices, counts = _choices(document.get("anyOf" if several else "oneOf"))
    text, language = plain_text(document, MOST_TEXT)
    published = moment_of(document["published"]) if "published" in document else now
    ends, closed = _end(document, published, now)
    voters = _count(document.get("votersCount", max(counts) if several else sum(counts)))
    return HeardPoll(
        iri=iri,
        group=group,
        text=text,
        language=language,
        choices=choices,
        counts=counts,
        voters=voters,
        several=several,
        public=public,
        published=published,
        version=min(moment_of(said), now) if said else now,
        ends=ends,
        closed=closed,
        quiet=quiet,
    )


def _choices(value: object) -> tuple[tuple[str, ...], tuple[int, ...]]:
    many = value if isinstance(value, list) else []
    if not 2 <= len(many) <= MOST_CHOICES or not all(isinstance(one, Mapping) for one in many):
        raise Malformed("A question has from two to twenty choices.")
    names = tuple(str(one.get("name") or "")[:MOST_CHOICE].strip() for one in many)
    if not all(names) or len(set(names)) < len(names):
        raise Malformed("Each choice has a name of its own.")
    return names, tuple(_count(_replies(one).get("totalItems", 0)) for one in many)


def _replies(choice: Document) -> Document:
    replies = choice.get("replies")
    return replies if isinstance(replies, Mapping) else {}


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_COUNTED:
        raise Malformed("Answers are counted in whole numbers.")
    return value


def _end(document: Document, published: datetime, now: datetime) -> tuple[datetime, bool]:
    """Return when a poll ends, and whether it says that it has."""
    said, closed = document.get("endTime"), document.get("closed")
    ends = moment_of(said) if said else published + LIFE_UNSAID
    if isinstance(closed, str):
        ends = min(ends, moment_of(closed))
    elif closed:
        ends = min(ends, now)
    return min(ends, now + LONGEST_LIFE), ends <= now
