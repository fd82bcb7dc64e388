"""Reports: Flag is believed from who signs it, read by whom it concerns, and answered."""

from __future__ import annotations

import msgspec
import pytest

from instance.moderation import reporting
from instance.moderation import service as moderation
from instance.network import service as network
from instance.notices import service as notices
from instance.people import service as people
from instance.people.service import Role

WORDS = "They shout at our members."


def flag(remote, who, *objects, **more):
    inner = list(objects) if len(objects) > 1 else objects[0]
    return remote.activity("Flag", who, inner, **{"content": WORDS, **more})


async def say(world, care, remote, said, signer=None):
    status = await remote.post(f"{care.origin}/inbox", said, signer=signer)
    await world.settle()
    return status


async def kept(care):
    async with care.database.reading() as tx:
        return (await moderation.reports(tx, care.viewer())).reports


async def test_a_report_about_a_group_is_kept_and_told(world, care, remote, ana):
    async with care.database.reading() as tx:
        before = await notices.count_unread(tx, care.leader)
    assert await say(world, care, remote, flag(remote, ana, care.group), ana) == 202

    [one] = await kept(care)
    assert (one.words, one.objects, one.state) == (WORDS, (care.group,), "waiting")
    assert (one.sender, one.groups) == ("remote.test", ("Care Commune",))
    async with care.database.reading() as tx:
        assert await notices.count_unread(tx, care.leader) == before + 1


async def test_a_report_without_a_signature_is_refused(world, care, remote, ana):
    assert await say(world, care, remote, flag(remote, ana, care.group)) == 401
    assert await kept(care) == ()


async def test_a_report_that_another_signed_is_refused(world, care, remote, ana, spare_keys):
    eve = remote.actor("eve", spare_keys[1])
    assert await say(world, care, remote, flag(remote, ana, care.group), eve) == 401
    assert await kept(care) == ()


async def test_a_report_that_is_sent_twice_is_one(world, care, remote, ana):
    said = flag(remote, ana, care.group)
    for _ in range(2):
        assert await say(world, care, remote, said, ana) == 202
    assert len(await kept(care)) == 1


async def test_a_report_names_a_person_and_what_was_published_as_microblogs_write_it(
    world, care, remote, ana
):
    job = await care.post()
    foreign = "https://elsewhere.example/notes/1"
    said = flag(remote, ana, care.member, job, foreign, content="<p>Look <b>here</b></p>")
    assert await say(world, care, remote, said, ana) == 202

    [one] = await kept(care)
    assert one.objects == (care.member, job)
    assert one.named == {care.member: "ana", job: "First day home from hospital"}
    assert one.groups == ("Care Commune",)
    assert "<" not in one.words


@pytest.mark.parametrize(
    "objects", [["https://elsewhere.example/notes/1"], [7, None], [], [{"name": "nobody"}]]
)
async def test_what_is_about_nothing_of_ours_is_not_kept(world, care, remote, ana, objects):
    said = remote.activity("Flag", ana, objects)
    assert await say(world, care, remote, said, ana) in {202, 400}
    assert await kept(care) == ()


async def test_one_server_does_not_fill_the_page(world, care, remote, ana, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_WAITING", 3)
    for _ in range(5):
        await say(world, care, remote, flag(remote, ana, care.group), ana)
    assert len(await kept(care)) == 3


async def test_leaders_read_what_is_about_their_groups_and_members_nothing(
    world, care, remote, ana
):
    async with care.database.transaction() as tx:
        zoe = await people.add_person(tx, people.NewPerson("zoe", "Zoe"))
        await people.grant(tx, zoe, care.group, Role.LEADER, "init")
    await say(world, care, remote, flag(remote, ana, care.group), ana)
    await say(world, care, remote, flag(remote, ana, f"{care.origin}/actor"), ana)
    leader, member = await care.browser(zoe), await care.browser(care.member)

    _, _, text = await leader.ask("/reports.json")
    [one] = msgspec.json.decode(text)["reports"]
    assert one["objects"] == [care.group]
    assert len(await kept(care)) == 2
    [other] = [row.id for row in await kept(care) if row.id != one["id"]]
    assert (await leader.ask(f"/reports/{other}"))[0] == 404
    for path in ("/reports", f"/reports/{one['id']}"):
        assert (await member.ask(path))[0] == 404
    answer = {"state": "acted", "note": "x"}
    assert (await member.ask(f"/reports/{one['id']}/answer", answer))[0] == 404
    assert (await leader.ask(f"/reports/{one['id']}/answer", answer))[0] == 303


async def test_a_report_is_answered_once_with_a_note_that_its_sender_is_told(
    world, care, remote, ana, mei
):
    said = flag(remote, ana, care.group)
    await say(world, care, remote, said, ana)
    [one] = await kept(care)
    path = f"/reports/{one.id}/answer"

    assert (await mei.ask(path, {"state": "acted"}))[0] == 422
    assert (await mei.ask(path, {"state": "waiting", "note": "?"}))[0] == 422
    assert (await mei.ask(path, {"state": "dismissed", "note": "A misunderstanding."}))[0] == 303
    assert (await mei.ask(path, {"state": "acted", "note": "Yes."}))[0] == 422
    await world.settle()

    [answer] = [one for one in remote.received if one["type"] in {"Accept", "Reject"}]
    assert (answer["type"], answer["content"]) == ("Reject", "A misunderstanding.")
    assert answer["object"]["id"] == said["id"]
    assert answer["actor"] == f"{care.origin}/actor"
    assert [row.note for row in await kept(care)] == ["A misunderstanding."]
    _, _, log = await mei.ask("/transparency")
    assert "A report was answered." in log


async def test_a_report_is_forgotten_ninety_days_after_its_answer(world, care, remote, ana):
    async def answers(tx, viewer, identifier):
        await moderation.answer(tx, viewer, identifier, moderation.ReportState.ACTED, "Done.")

    await say(world, care, remote, flag(remote, ana, care.group), ana)
    [one] = await kept(care)
    world.clock.advance(days=100)
    await world.settle()
    assert len(await kept(care)) == 1
    await care.act(answers, one.id)
    world.clock.advance(days=91)
    await world.settle()
    assert await kept(care) == ()


async def test_a_member_reports_an_account_elsewhere_without_her_name(
    world, care, remote, ana, mei
):
    member = await care.browser(care.member)
    form = {"address": ana, "words": WORDS}
    assert (await member.ask("/reports/new", form))[0] == 303
    await world.settle()

    [said] = [one for one in remote.received if one["type"] == "Flag"]
    assert (said["actor"], said["object"]) == (f"{care.origin}/actor", ana)
    assert said["content"] == WORDS
    assert care.member not in msgspec.json.encode(said).decode()
    [one] = await kept(care)
    assert (one.outgoing, one.sender) == (True, "remote.test")


async def test_a_member_reports_what_somebody_published_and_hears_the_answer(
    world, care, remote, ana, spare_keys
):
    note = {"id": f"{remote.origin}/notes/1", "type": "Note", "attributedTo": ana}
    remote.documents["/notes/1"] = note
    staff, eve = remote.actor("staff", spare_keys[1]), (await world.remote("evil"))
    eve_there = eve.actor("eve", spare_keys[2])
    member = await care.browser(care.member)
    await member.ask("/reports/new", {"address": note["id"], "words": WORDS})
    await world.settle()
    [said] = [one for one in remote.received if one["type"] == "Flag"]
    assert said["object"] == [ana, note["id"]]

    wrong = eve.activity("Accept", eve_there, said["id"], content="Gone.")
    await say(world, care, eve, wrong, eve_there)
    assert [one.state for one in await kept(care)] == ["waiting"]
    right = remote.activity("Accept", staff, said["id"], content="Gone.")
    assert await say(world, care, remote, right) == 401
    assert await say(world, care, remote, right, ana) == 401
    for _ in range(2):
        assert await say(world, care, remote, right, staff) == 202
    late = remote.activity("Reject", staff, said["id"], content="After all not.")
    await say(world, care, remote, late, staff)
    assert [(one.state, one.note) for one in await kept(care)] == [("acted", "Gone.")]


async def test_what_is_reported_here_goes_to_our_own_administrators(world, care, mei):
    member = await care.browser(care.member)
    form = {"address": care.group, "words": WORDS}
    assert (await member.ask("/reports/new", form))[0] == 303
    await world.settle()

    [one] = await kept(care)
    assert (one.outgoing, one.sender, one.groups) == (False, "care.test", ("Care Commune",))
    status, _, _ = await mei.ask(
        f"/reports/{one.id}/answer", {"state": "acted", "note": "We talked."}
    )
    assert status == 303


@pytest.mark.parametrize(
    "form",
    [
        {"address": "https://nobody.example/x", "words": WORDS},
        {"address": "@nobody@nowhere.test", "words": WORDS},
        {"address": "", "words": WORDS},
        {"address": "http://care.test/nothing", "words": WORDS},
        {"address": "http://remote.test/users/ana", "words": " "},
    ],
)
async def test_what_cannot_be_reported_is_refused_with_what_was_entered(care, ana, form):
    member = await care.browser(care.member)
    status = (await member.ask("/reports/new", form))[0]
    assert status in {404, 422}
    assert (await (await care.browser()).ask("/reports/new", form))[0] in {303, 401}


async def test_nobody_reports_without_end(care, remote, ana, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_IN_A_DAY", 2)
    member = await care.browser(care.member)
    form = {"address": ana, "words": WORDS}
    assert [(await member.ask("/reports/new", form))[0] for _ in range(3)] == [303, 303, 429]


async def test_administrators_are_not_told_of_reports_by_who_is_limited(world, care, remote, ana):
    async with care.database.transaction() as tx:
        before = await notices.count_unread(tx, care.leader)
        await network.decide(tx, "remote.test", network.Standing.LIMITED, "Loud.")
    await say(world, care, remote, flag(remote, ana, care.group), ana)
    async with care.database.reading() as tx:
        assert await notices.count_unread(tx, care.leader) == before
    assert len(await kept(care)) == 1
