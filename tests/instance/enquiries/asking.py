"""Notes as other servers write them, and what became of them here."""

from __future__ import annotations

from typing import Any

from federation import PUBLIC
from instance.enquiries import service
from instance.jobs import service as jobs

SAID = "2027-01-04T09:00:00Z"


def note(remote, author, *, reply_to=None, to=(PUBLIC,), number=1, **more) -> dict[str, Any]:
    """Write a note as Mastodon does."""
    return {
        "id": f"{remote.origin}/notes/{number}",
        "type": "Note",
        "attributedTo": author,
        "inReplyTo": reply_to,
        "to": list(to),
        "cc": [],
        "tag": [{"type": "Mention", "href": one, "name": "@care"} for one in to if one != PUBLIC],
        "published": SAID,
        "content": "<p>Is it near the <b>station</b>?</p><p>I have time &amp; boots.</p>",
        **more,
    }


async def tell(care, remote, kind, author, document, *, signer=None, again=False):
    """Send an activity about a document; `again` sends it a second time. Returns the status."""
    inner = document if isinstance(document, str) else {**document}
    said = remote.activity(kind, author, inner, to=[PUBLIC], published=SAID)
    status = await remote.post(f"{care.origin}/inbox", said, signer=signer)
    await care.world.settle()
    if again:
        assert await remote.post(f"{care.origin}/inbox", said, signer=signer) == 202
        await care.world.settle()
    return status, said


async def asked(care, viewer=None):
    """List what the group's leader finds asked of it."""
    async with care.database.reading() as tx:
        return (await service.enquiries(tx, viewer or care.viewer())).asked_of_us


async def reactions(care, job):
    """Return how many liked a job's post and passed it on."""
    async with care.database.reading() as tx:
        seen = await jobs.seen_job(tx, care.viewer(), job)
    return seen.reactions.likes, seen.reactions.shares
