"""Documents whose parts are of another kind than anybody expects: read or refused, never a fault.

A fault would be a 500 to whoever sent it, or a row that is tried again for a week.
"""

import pytest

from federation.activity import is_activity
from tests.federation.host import CONTEXT, activity, waiting

ODD = [None, True, 0, 1e400, "", [], {}, ["Person"], [["Note"]], {"id": "x"}, [{"id": ["x"]}]]


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
async def ana(small, remote):
    return await small.actor(remote, "ana")


def odd_activities(ana):
    """Yield activities of which one part is odd, by the part and what stands there."""
    for odd in ODD[:3] + ODD[4:]:
        for name in ("id", "type", "actor", "object", "to", "cc", "proof", "signature", "target"):
            yield name, odd, {**activity(ana), name: odd}
        for name in ("id", "type", "actor", "attributedTo", "object", "proof", "formerType"):
            said = activity(ana)
            yield f"object.{name}", odd, {**said, "object": {**said["object"], name: odd}}
        for term in ("id", "object", "proof"):
            yield f"@context.{term}", odd, {**activity(ana), "@context": [*CONTEXT, {term: odd}]}
        yield "@context", odd, {**activity(ana), "@context": odd}


async def test_whatever_stands_in_an_activity_is_answered_and_settled(small, here, remote, ana):
    async def receive(_tx, _activity):
        pass

    here.federation.on("Create", "*", receiver=receive)
    statuses = {
        (name, str(odd)): await remote.post(f"{here.origin}/inbox", said, signer=ana)
        for name, odd, said in odd_activities(ana)
    }
    await small.settle()

    assert {one: status for one, status in statuses.items() if status not in {202, 400, 401}} == {}
    inbox = here.federation.store.inbox.tables.inbox
    async with here.reading() as tx:
        rows = (await tx.execute(inbox.select())).all()
    assert [row.reason for row in rows if row.state == "ready"] == []


async def test_addressees_may_be_objects(here, remote, ana):
    said = activity(ana, to=[{"id": f"{here.origin}/actor", "type": "Application"}])

    assert await remote.post(f"{here.origin}/inbox", said, signer=ana) == 202


@pytest.mark.parametrize("odd", [one for one in ODD if one not in ({}, 1e400)], ids=str)
@pytest.mark.parametrize(
    "name",
    ["id", "type", "inbox", "endpoints", "publicKey", "assertionMethod", "generator", "implements"],
)
async def test_whatever_an_actors_document_holds_it_is_no_fault_of_ours(
    here, remote, ana, name, odd
):
    remote.documents["/users/ana"] = {**remote.documents["/users/ana"], name: odd}

    status = await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana)
    assert status in {202, 400, 401, 503}, status
    assert await waiting(here) == []


@pytest.mark.parametrize("kind", ODD, ids=str)
def test_what_has_an_odd_type_is_no_activity(kind):
    assert not is_activity({"type": kind})
