"""What Bonfire's people need and offer: enquiries of the groups that it is meant for, or jobs."""

from __future__ import annotations

import pytest

from federation import PUBLIC
from tests.instance.enquiries.asking import asked
from tests.instance.follows.test_following import follow, seen, titles

SAID = "2027-01-04T07:00:00.217969Z"


def intent(remote, author, *, number=1, kind="ValueFlows:Intent", **more):
    """Write what somebody needs as Bonfire does: its words, nothing addressed inside."""
    return {
        "id": f"{remote.origin}/pub/objects/{number}",
        "type": kind,
        "actor": author,
        "attributedTo": author,
        "action": "https://w3id.org/valueflows#work",
        "name": "Hands for Saturday",
        "summary": "Two people <b>at least</b>,\nfrom nine.",
        "receiver": {"id": author, "type": "Group", "preferredUsername": "green"},
        "due": "2027-01-20T18:28:24.908588Z",
        "atLocation": {"type": "Place", "name": "The old pier", "latitude": 22.3},
        "finished": False,
        "published": SAID,
        **more,
    }


def proposal(remote, author, **more):
    inner = intent(remote, author, number=2, **more)
    return {
        "id": f"{remote.origin}/pub/objects/9",
        "type": "ValueFlows:Proposal",
        "attributedTo": author,
        "name": "A clean pier",
        "published": SAID,
        "publishes": [{"type": "ValueFlows:ProposedIntent", "publishes": inner}],
    }


async def send(care, remote, document, author, *, kind="Create", signer=None, to=(PUBLIC,)):
    said = remote.activity(kind, author, document, to=list(to), cc=[f"{author}/followers"])
    said.pop("published", None)
    for _ in range(2):
        status = await remote.post(f"{care.origin}/inbox", said, signer=signer)
        await care.world.settle()
    return status


@pytest.mark.parametrize(
    "kind", ["ValueFlows:Intent", "vf:Intent", "Intent", "ValueFlows:Proposal"]
)
@pytest.mark.parametrize("named", ["to", "context"])
async def test_what_is_meant_for_a_group_reaches_its_leaders_once(care, remote, kind, named):
    eve = remote.actor("eve")
    document = intent(remote, eve, kind=kind)
    to = [PUBLIC, care.group] if named == "to" else [PUBLIC]
    more = {"context": care.group} if named == "context" else {}
    assert await send(care, remote, document | more, eve, signer=eve, to=to) == 202
    [found] = await asked(care)
    assert found.other.partition("@")[0] == "eve"
    assert [one.text for one in found.lines] == [
        "Hands for Saturday\nTwo people <b>at least</b>,\nfrom nine."
    ]
    newer = document | more | {"summary": "One is enough.", "updated": "2027-01-04T08:00:00Z"}
    await send(care, remote, newer, eve, kind="Update", signer=eve, to=to)
    [found] = await asked(care)
    assert [one.text for one in found.lines] == ["Hands for Saturday\nOne is enough."]


@pytest.mark.parametrize("verb", ["Create", "Update"])
async def test_what_its_author_did_not_sign_is_refused(care, remote, verb):
    eve, bob = remote.actor("eve"), remote.actor("bob")
    document = intent(remote, eve, context=care.group)
    for signer in (None, bob):
        assert await send(care, remote, document, eve, kind=verb, signer=signer) == 401
    assert await send(care, remote, document, bob, kind=verb, signer=bob) == 202
    assert await asked(care) == ()


@pytest.fixture
async def green(care, remote):
    group = remote.actor("green", kind="Group")
    await follow(care, group)
    return group


async def test_work_that_a_followed_group_needs_is_a_job(care, remote, green):
    await send(care, remote, intent(remote, green), green, signer=green)
    [one] = (await seen(care)).jobs
    posting = one.job.posting
    assert (posting.title, posting.district) == ("Hands for Saturday", "The old pier")
    assert posting.contents[0][1] == "<p>Two people &lt;b&gt;at least&lt;/b&gt;,\nfrom nine.</p>"
    assert posting.until.isoformat() == "2027-01-20T18:28:24.908588+00:00"
    assert await asked(care) == ()
    gone = {"id": posting.iri, "type": "Tombstone"}
    await send(care, remote, gone, green, kind="Delete", signer=green)
    assert titles(await seen(care)) == []


async def test_a_proposal_of_such_work_is_a_job(care, remote, green):
    await send(care, remote, proposal(remote, green), green, signer=green)
    assert titles(await seen(care)) == ["A clean pier"]


@pytest.mark.parametrize(
    "other",
    [
        {"receiver": None, "provider": "http://remote.test/users/green"},
        {"receiver": None},
        {"finished": True},
        {"action": "https://w3id.org/valueflows#transfer"},
        {"action": {"odd": True}},
        {"published": "yesterday"},
        {"published": None},
    ],
)
async def test_what_is_offered_done_or_no_work_is_no_job(care, remote, green, other):
    await send(care, remote, intent(remote, green, **other), green, signer=green)
    asks_in_return = proposal(remote, green)
    asks_in_return["publishes"][0]["reciprocal"] = True
    await send(care, remote, asks_in_return, green, signer=green)
    assert titles(await seen(care)) == []


async def test_what_is_not_for_everybody_or_anothers_is_no_job(care, remote, green):
    few = remote.actor("few")
    await send(care, remote, intent(remote, green), green, signer=green, to=[few])
    await send(care, remote, intent(remote, few), green, signer=green)
    assert titles(await seen(care)) == []
