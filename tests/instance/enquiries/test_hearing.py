"""Replies to jobs and mentions of groups, from servers of every kind, become enquiries."""

from __future__ import annotations

import pytest

from federation import PUBLIC, Standing, subject_of
from instance.enquiries import hearing, service
from instance.enquiries.models import EnquiryState
from instance.notices import service as notices
from tests.instance.enquiries.asking import asked, note, tell

TEXT = "Is it near the station?\nI have time & boots."


@pytest.mark.parametrize("kind", ["Create", "Update"])
async def test_a_reply_to_a_job_reaches_its_leaders_once(care, remote, kind):
    job, eve = await care.post(), remote.actor("eve")
    reply = note(remote, eve, reply_to=job, to=[PUBLIC, care.group])
    status, _ = await tell(care, remote, kind, eve, reply, signer=eve, again=True)

    [found] = await asked(care)
    assert status == 202
    assert (found.job, found.title, found.other) == (
        job,
        "First day home from hospital",
        f"eve@{remote.origin.partition('://')[2]}",
    )
    assert [one.text for one in found.lines] == [TEXT]
    async with care.database.reading() as tx:
        told = (await notices.notices(tx, care.viewer())).notices
    assert [one.link for one in told if one.kind == "enquiry"] == [f"/enquiries/{found.id}"]


@pytest.mark.parametrize("signed", [False, True])
async def test_a_reply_that_its_author_did_not_sign_is_refused(care, remote, signed):
    job, eve, bob = await care.post(), remote.actor("eve"), remote.actor("bob")
    reply = note(remote, eve, reply_to=job)
    status, _ = await tell(care, remote, "Create", eve, reply, signer=bob if signed else None)

    assert status == 401
    assert await asked(care) == ()


async def test_nobody_asks_in_the_name_of_another(care, remote):
    job, eve, bob = await care.post(), remote.actor("eve"), remote.actor("bob")
    await tell(care, remote, "Create", bob, note(remote, eve, reply_to=job), signer=bob)
    assert await asked(care) == ()


async def test_a_mention_of_a_group_is_an_enquiry_about_no_job(care, remote):
    eve = remote.actor("eve")
    said = note(remote, eve, to=[PUBLIC, care.group])
    await tell(care, remote, "Create", eve, said, signer=eve)
    [found] = await asked(care)
    assert (found.job, found.state) == ("", EnquiryState.WAITING)


@pytest.mark.parametrize("kind", ["ChatMessage", "Page", "Article"])
async def test_a_message_or_a_post_to_a_group_is_an_enquiry_whatever_its_type(care, remote, kind):
    eve = remote.actor("eve")
    said = note(remote, eve, to=[care.group], type=kind, tag=[])
    await tell(care, remote, "Create", eve, said, signer=eve, again=True)
    assert len(await asked(care)) == 1
    newer = {**said, "content": "Never mind", "updated": "2027-01-05T10:00:00Z"}
    await tell(care, remote, "Update", eve, newer, signer=eve, again=True)
    assert [one.text for one in (await asked(care))[0].lines] == ["Never mind"]
    await tell(care, remote, "Delete", eve, {"id": said["id"], "type": kind}, signer=eve)
    assert await asked(care) == ()


async def test_a_note_that_merely_follows_the_group_is_none(care, remote):
    eve = remote.actor("eve")
    said = note(remote, eve, to=[PUBLIC], tag=[{"type": "Mention", "href": care.group}])
    await tell(care, remote, "Create", eve, said, signer=eve)
    assert await asked(care) == ()


async def test_what_its_author_changes_is_changed_and_an_older_version_is_not(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    first = note(remote, eve, reply_to=job)
    await tell(care, remote, "Create", eve, first, signer=eve)
    newer = {**first, "content": "<p>Found it.</p>", "updated": "2027-01-04T10:00:00Z"}
    await tell(care, remote, "Update", eve, newer, signer=eve)
    older = {**first, "content": "<p>Old.</p>", "updated": "2027-01-04T09:30:00Z"}
    await tell(care, remote, "Update", eve, older, signer=eve)

    [line] = (await asked(care))[0].lines
    assert (line.text, line.changed) == ("Found it.", True)


async def test_nobody_changes_or_deletes_the_note_of_another(care, remote):
    job, eve, bob = await care.post(), remote.actor("eve"), remote.actor("bob")
    first = note(remote, eve, reply_to=job)
    await tell(care, remote, "Create", eve, first, signer=eve)
    newer = {**first, "attributedTo": bob, "content": "Mine", "updated": "2027-01-04T10:00:00Z"}
    await tell(care, remote, "Update", bob, newer, signer=bob)
    for deleted in (first["id"], {"id": first["id"], "type": "Tombstone"}):
        assert (await tell(care, remote, "Delete", bob, deleted, signer=bob))[0] == 202
        assert (await tell(care, remote, "Delete", eve, deleted, signer=bob))[0] == 401
        assert (await tell(care, remote, "Delete", eve, deleted))[0] == 401

    assert [one.text for one in (await asked(care))[0].lines] == [TEXT]


@pytest.mark.parametrize("shape", ["id", "Tombstone", "Note"])
async def test_what_its_author_deletes_is_gone_however_that_is_said(care, remote, shape):
    job, eve = await care.post(), remote.actor("eve")
    first = note(remote, eve, reply_to=job)
    await tell(care, remote, "Create", eve, first, signer=eve)
    await tell(care, remote, "Create", eve, note(remote, eve, reply_to=job, number=2), signer=eve)
    gone = first["id"] if shape == "id" else {"id": first["id"], "type": shape}
    await tell(care, remote, "Delete", eve, gone, signer=eve, again=True)

    assert [(one.text, one.gone) for one in (await asked(care))[0].lines] == [
        ("", True),
        (TEXT, False),
    ]
    await tell(care, remote, "Delete", eve, f"{remote.origin}/notes/2", signer=eve)
    assert await asked(care) == ()


async def test_a_note_whose_deletion_came_first_is_not_kept(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    said = note(remote, eve, reply_to=job)
    await tell(care, remote, "Delete", eve, {"id": said["id"], "type": "Tombstone"}, signer=eve)
    await tell(care, remote, "Create", eve, said, signer=eve)
    assert await asked(care) == ()


async def test_an_odd_note_is_settled_at_once(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    for odd in (
        {"published": 7},
        {"content": {"en": "?"}, "tag": "x"},
        {"contentMap": ["x"], "content": None},
        {"tag": [None, {"type": "Mention", "href": 3}]},
    ):
        await tell(care, remote, "Create", eve, note(remote, eve, reply_to=job, **odd), signer=eve)
    async with care.database.reading() as tx:
        inbox = tx.federation.store.inbox.tables.inbox
        assert {row.state for row in await tx.session.execute(inbox.select())} <= {"done", "failed"}


async def test_one_host_cannot_fill_the_list(care, remote, monkeypatch):
    monkeypatch.setattr(hearing, "MOST_OF_AN_ORIGIN", 1)
    monkeypatch.setattr(hearing, "MOST_LINES", 2)
    job, eve, bob = await care.post(), remote.actor("eve"), remote.actor("bob")
    for number, who in enumerate([eve, bob, eve, eve]):
        said = note(remote, who, reply_to=job, number=number)
        await tell(care, remote, "Create", who, said, signer=who)
    assert [len(one.lines) for one in await asked(care)] == [2]


async def test_nobody_is_disturbed_by_whom_an_administrator_limited(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    async with care.database.transaction() as tx:
        await tx.federation.standings.put(tx, subject_of(remote.origin), Standing.LIMITED, "Noise.")
    await tell(care, remote, "Create", eve, note(remote, eve, reply_to=job), signer=eve)
    assert len(await asked(care)) == 1
    async with care.database.reading() as tx:
        told = (await notices.notices(tx, care.viewer())).notices
    assert "enquiry" not in {one.kind for one in told}


async def test_nothing_is_kept_when_nobody_has_written_for_ninety_days(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    await tell(care, remote, "Create", eve, note(remote, eve, reply_to=job), signer=eve)
    [found] = await asked(care)
    for days, left in ((89, 1), (2, 0)):
        care.world.clock.advance(days=days)
        async with care.database.transaction() as tx:
            await service.forget(tx, found.id)
        assert len(await asked(care)) == left
