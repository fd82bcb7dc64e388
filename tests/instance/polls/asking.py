"""Polls as leaders ask them and as other servers write them, and what is seen of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from federation import PUBLIC
from instance.polls import service
from instance.polls.views import NewPoll

SAID = "2027-01-04T09:00:00Z"


async def ask(care, **more):
    """Ask by the group's leader; returns the poll's id."""
    given: dict[str, Any] = {
        "text": "Which day suits you for the general meeting?",
        "choices": ("Saturday", "Sunday", "Neither"),
        "ends": care.now + timedelta(days=2),
    }
    iri = await care.act(service.ask, care.group, NewPoll(**{**given, **more}))
    await care.world.settle()
    return iri


def answer(remote, voter, poll, choice="Sunday", *, number=1, **more) -> dict[str, Any]:
    """Write an answer as Mastodon does."""
    return {
        "id": f"{voter}#votes/{number}",
        "type": "Note",
        "attributedTo": voter,
        "to": poll.rpartition("/")[0],
        "inReplyTo": poll,
        "name": choice,
        **more,
    }


async def send(care, remote, kind, actor, inner, *, signer=None, again=False, **more):
    """Send an activity, perhaps twice; returns the status."""
    said = remote.activity(kind, actor, inner, **{"to": [care.group], **more})
    status = await remote.post(f"{care.origin}/inbox", said, signer=signer)
    await care.world.settle()
    if again:
        assert await remote.post(f"{care.origin}/inbox", said, signer=signer) == status
        await care.world.settle()
    return status


def question(remote, group, *, number=1, kind="oneOf", votes=(3, 1), **more) -> dict[str, Any]:
    """Write a poll as Mastodon does."""
    choices = [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": count}}
        for name, count in zip(("Yes", "No"), votes, strict=True)
    ]
    return {
        "id": f"{remote.origin}/polls/{number}",
        "type": "Question",
        "attributedTo": group,
        "to": [PUBLIC],
        "cc": [f"{group}/followers"],
        "published": SAID,
        "content": "<p>Shall we open on <b>Sundays</b>?</p>",
        "endTime": "2027-01-06T09:00:00Z",
        "votersCount": sum(votes),
        kind: choices,
        **more,
    }


async def seen(care, person=None, leads=None):
    """Return the page of polls of somebody, by default the member."""
    async with care.database.reading() as tx:
        return await service.polls_page(tx, care.viewer(person or care.member, leads))


def counts(poll):
    return {one.text: one.votes for one in poll.choices}


async def votes_kept(care):
    async with care.database.reading() as tx:
        connection = await tx.session.connection()
        found = (await connection.exec_driver_sql("SELECT voter FROM poll_votes")).all()
    return [row[0] for row in found]
