"""Jobs on the wire: what is believed of others', and that nothing else is."""

from __future__ import annotations

import msgspec
import pytest

from federation import PUBLIC
from instance.jobs import known
from instance.jobs import service as jobs


@pytest.fixture
async def remote(world):
    return await world.remote()


def a_job(remote, group, **more):
    iri = f"{remote.origin}/jobs/1"
    return {
        "id": iri,
        "type": "Note",
        "attributedTo": group,
        "to": [PUBLIC],
        "name": "Beach clean-up",
        "content": "<p>Sand<script>alert(1)</script></p>",
        "published": "2027-01-04T08:00:00Z",
        "endTime": "2027-01-20T00:00:00Z",
        "purpose": "request",
        "publishes": {"type": "Intent", "id": f"{iri}#primary", "action": "deliverService"},
        **more,
    }


async def known_of(care, iri):
    async with care.database.reading() as tx:
        return await jobs.known_job(tx, iri)


async def tell(care, remote, kind, actor, document, *, signer=None, inbox="/inbox"):
    said = remote.activity(kind, actor, document, to=[PUBLIC])
    status = await remote.post(f"{care.origin}{inbox}", said, signer=signer)
    await care.world.settle()
    return status, said


async def heard(care, remote):
    """Have a remote group's job be known here; returns the group and the job."""
    group = remote.actor("green", kind="Group")
    document = a_job(remote, group)
    assert (await tell(care, remote, "Create", group, document, signer=group))[0] == 202
    return group, document


def changed(remote, group):
    return a_job(remote, group, name="Beach party", updated="2027-01-05T08:00:00Z")


@pytest.mark.parametrize(
    "odd", [{"to": [{"id": PUBLIC}]}, {"shifts": [{"timezone": ["Asia/Hong_Kong"]}]}]
)
async def test_a_job_in_an_odd_shape_is_settled_at_once(care, remote, odd):
    group = remote.actor("green", kind="Group")
    document = {**a_job(remote, group), **odd}
    assert (await tell(care, remote, "Create", group, document, signer=group))[0] == 202

    async with care.database.reading() as tx:
        inbox = tx.federation.store.inbox.tables.inbox
        assert {row.state for row in await tx.session.execute(inbox.select())} <= {"done", "failed"}


async def test_a_job_of_another_server_is_kept_with_who_sent_it(care, remote):
    group, document = await heard(care, remote)
    kept = await known_of(care, document["id"])

    assert (kept.posting.title, kept.sent_by, kept.posting.group) == (
        "Beach clean-up",
        group,
        group,
    )
    assert kept.posting.contents == (("und", "<p>Sand</p>"),)


async def test_a_job_without_a_signature_is_refused(care, remote):
    group = remote.actor("green", kind="Group")
    status, _ = await tell(care, remote, "Create", group, a_job(remote, group))

    assert status == 401
    assert await known_of(care, f"{remote.origin}/jobs/1") is None


async def test_a_job_with_a_forged_signature_is_refused(care, remote):
    group = remote.actor("green", kind="Group")
    other = await care.world.remote("evil")
    other.actors[group] = other.actors[other.actor("eve")]
    said = remote.activity("Create", group, a_job(remote, group), to=[PUBLIC])
    status = await other.post(f"{care.origin}/inbox", said, signer=group)
    await care.world.settle()

    assert status == 401
    assert await known_of(care, f"{remote.origin}/jobs/1") is None


async def test_a_job_in_anothers_name_is_refused(care, remote):
    group, eve = remote.actor("green", kind="Group"), remote.actor("eve")
    status, _ = await tell(care, remote, "Create", group, a_job(remote, group), signer=eve)
    assert status == 401
    status, _ = await tell(care, remote, "Create", eve, a_job(remote, group), signer=eve)
    assert status == 202

    assert await known_of(care, f"{remote.origin}/jobs/1") is None


async def test_a_job_that_is_told_twice_is_kept_once(care, remote):
    group, document = await heard(care, remote)
    before = await known_of(care, document["id"])
    await tell(care, remote, "Create", group, document, signer=group)

    assert (await known_of(care, document["id"])).posting == before.posting


async def test_an_update_is_believed_of_the_group_alone(care, remote):
    group, document = await heard(care, remote)
    eve = remote.actor("eve")
    new = changed(remote, group)
    assert (await tell(care, remote, "Update", group, new))[0] == 401
    assert (await tell(care, remote, "Update", group, new, signer=eve))[0] == 401
    await tell(care, remote, "Update", eve, new, signer=eve)
    await tell(care, remote, "Update", eve, {**new, "attributedTo": eve}, signer=eve)
    assert (await known_of(care, document["id"])).posting.title == "Beach clean-up"

    for _ in range(2):
        await tell(care, remote, "Update", group, new, signer=group)
    assert (await known_of(care, document["id"])).posting.title == "Beach party"


async def test_an_old_version_does_not_come_back(care, remote):
    group, document = await heard(care, remote)
    await tell(care, remote, "Update", group, changed(remote, group), signer=group)
    await tell(care, remote, "Update", group, document, signer=group)

    assert (await known_of(care, document["id"])).posting.title == "Beach party"


async def test_a_delete_is_believed_of_the_group_alone(care, remote):
    group, document = await heard(care, remote)
    eve = remote.actor("eve")
    tomb = {"id": document["id"], "type": "Tombstone", "formerType": "Note"}
    assert (await tell(care, remote, "Delete", group, tomb))[0] == 401
    assert (await tell(care, remote, "Delete", group, tomb, signer=eve))[0] == 401
    await tell(care, remote, "Delete", eve, tomb, signer=eve)
    assert await known_of(care, document["id"])

    for _ in range(2):
        await tell(care, remote, "Delete", group, tomb, signer=group)
    assert await known_of(care, document["id"]) is None


@pytest.mark.parametrize("former", [{}, {"formerType": "Note"}])
async def test_a_deleted_job_does_not_come_back(care, remote, former):
    group = remote.actor("green", kind="Group")
    document = a_job(remote, group)
    tomb = {"id": document["id"], "type": "Tombstone", **former}
    await tell(care, remote, "Delete", group, tomb, signer=group)
    await tell(care, remote, "Create", group, document, signer=group)

    assert await known_of(care, document["id"]) is None


async def test_what_a_neighbour_of_the_group_deletes_beforehand_comes_all_the_same(care, remote):
    group, eve = remote.actor("green", kind="Group"), remote.actor("eve")
    document = a_job(remote, group)
    tomb = {"id": document["id"], "type": "Tombstone"}
    await tell(care, remote, "Delete", eve, tomb, signer=eve)
    await tell(care, remote, "Create", group, document, signer=group)
    assert await known_of(care, document["id"])

    await tell(care, remote, "Delete", eve, tomb, signer=eve)
    assert await known_of(care, document["id"])
    await tell(care, remote, "Delete", group, tomb, signer=group)
    assert await known_of(care, document["id"]) is None


@pytest.mark.parametrize(
    "kind", ["Proposal", "vf:Proposal", "https://w3id.org/valueflows/ont/vf#Proposal"]
)
async def test_a_strict_proposal_is_a_job_too(care, remote, kind):
    group = remote.actor("green", kind="Group")
    await tell(care, remote, "Create", group, a_job(remote, group, type=kind), signer=group)

    assert (await known_of(care, f"{remote.origin}/jobs/1")).posting.title == "Beach clean-up"


async def test_a_plain_note_is_no_job(care, remote):
    ana = remote.actor("ana")
    note = {"id": f"{remote.origin}/notes/1", "type": "Note", "attributedTo": ana, "content": "hi"}
    assert (await tell(care, remote, "Create", ana, note, signer=ana))[0] == 202

    assert await known_of(care, note["id"]) is None


async def test_a_job_that_cannot_be_read_blocks_nothing(care, remote):
    group = remote.actor("green", kind="Group")
    broken = a_job(remote, group, id=f"{remote.origin}/jobs/2", shifts=[{"id": "x"}])
    await tell(care, remote, "Create", group, broken, signer=group)
    await tell(care, remote, "Create", group, a_job(remote, group), signer=group)

    assert await known_of(care, broken["id"]) is None
    assert await known_of(care, f"{remote.origin}/jobs/1")


async def test_a_sender_cannot_fill_the_house(care, remote, monkeypatch):
    monkeypatch.setattr(known, "MOST_OF_A_GROUP", 2)
    group = remote.actor("green", kind="Group")
    for number in range(4):
        document = a_job(remote, group, id=f"{remote.origin}/jobs/{number}")
        await tell(care, remote, "Create", group, document, signer=group)
    async with care.database.reading() as tx:
        assert len(await jobs.known_jobs(tx, [group])) == 2


async def test_a_known_job_is_forgotten_when_it_is_long_over(care, remote):
    _, document = await heard(care, remote)
    care.world.clock.advance(days=50)
    await care.world.settle()

    assert await known_of(care, document["id"]) is None


async def follower(care, remote, name="ana"):
    person = remote.actor(name)
    follow = remote.activity("Follow", person, care.group)
    await remote.post(f"{care.group}/inbox", follow, signer=person)
    await care.world.settle()
    remote.received.clear()
    return person


def told(remote, kind):
    return [one for one in remote.received if one["type"] == kind]


async def test_a_follower_on_a_microblog_reads_the_whole_job(care, remote):
    await follower(care, remote)
    iri = await care.post()
    await care.world.settle()
    (create,) = told(remote, "Create")
    note = create["object"]

    assert (create["actor"], note["id"], note["type"]) == (care.group, iri, "Note")
    assert note["content"].startswith("<p><strong>First day home from hospital</strong></p>")
    assert (create["to"], create["cc"]) == ([PUBLIC], [f"{care.group}/followers"])
    assert (note["to"], note["cc"]) == (create["to"], create["cc"])
    assert note["attributedTo"] == care.group
    assert not {"actor", "href", "target", "items"} & note.keys()
    assert "proof" in create
    assert create["decision"] == (await care.job(iri)).decision


async def test_a_public_job_is_passed_on_once(care, remote):
    await follower(care, remote)
    iri = await care.post()
    await care.world.settle()
    async with care.database.transaction() as tx:
        await jobs.change_job(tx, care.viewer(), iri, bring="boots", description="New words.")
    await care.world.settle()

    assert [one["type"] for one in remote.received] == ["Create", "Announce", "Update"]
    assert told(remote, "Announce")[0]["object"] == iri
    update = told(remote, "Update")[0]["object"]
    assert update["updated"] > update["published"]
    assert "New words." in update["content"]


async def test_a_job_that_is_called_off_leaves_a_tombstone(care, remote):
    await follower(care, remote)
    iri = await care.post()
    await care.world.settle()
    await care.act(jobs.call_off_job, iri)
    await care.world.settle()

    assert told(remote, "Delete")[0]["object"] == {
        "id": iri,
        "type": "Tombstone",
        "formerType": "Note",
    }
    status, document = await remote.get(iri)
    assert (status, document["type"]) == (410, "Tombstone")


@pytest.mark.parametrize("audience", ["members", "allies"])
async def test_followers_are_not_told_of_what_is_not_public(care, remote, audience):
    await follower(care, remote)
    iri = await care.post(audience=jobs.Audience(audience))
    await care.world.settle()
    await care.act(jobs.call_off_job, iri)
    await care.world.settle()

    assert remote.received == []
    assert (await remote.get(iri))[0] == 404
    assert (await remote.get(f"{iri}/proposal"))[0] == 404


async def test_nothing_that_followers_get_names_the_customer(care, remote):
    from tests.instance.jobs.commune import SECRETS

    await follower(care, remote)
    iri = await care.post()
    await care.act(jobs.call_off_job, iri)
    await care.world.settle()
    sent = msgspec.json.encode([*remote.received, await remote.get(iri)]).decode()

    assert [one for one in SECRETS.values() if one in sent] == []


async def test_a_newly_found_group_shows_its_open_jobs(care, remote):
    public = await care.post()
    await care.post(audience=jobs.Audience.MEMBERS)
    status, featured = await remote.get(f"{care.group}/featured")

    assert (status, featured["type"], featured["totalItems"]) == (200, "OrderedCollection", 1)
    assert featured["orderedItems"][0]["id"] == public
    assert "startTime" not in featured["orderedItems"][0]["shifts"][0]
    _, actor = await remote.get(care.group)
    assert actor["featured"] == f"{care.group}/featured"


async def test_a_jobs_address_answers_its_note_and_its_twin(care, remote):
    iri = await care.post()
    status, note = await remote.get(iri)
    assert (status, note["id"], note["type"]) == (200, iri, "Note")
    assert "https://www.w3.org/ns/activitystreams" in note["@context"]
    assert "startTime" not in note["shifts"][0]
    status, twin = await remote.get(note["tag"][0]["href"])
    assert (status, twin["type"], twin["publishes"]["id"]) == (200, "Proposal", f"{iri}#primary")


async def test_a_stranger_with_a_signature_reads_no_hours(care, remote):
    iri = await care.post()
    status, note = await remote.get(iri, signer=remote.actor("eve"))

    assert status == 200
    assert "startTime" not in note["shifts"][0]
