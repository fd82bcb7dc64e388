"""What groups and homes say to each other: believed only from who may say it, and once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance import wire
from instance.consent import service as consent
from instance.groups import service as groups
from tests.instance.groups.living import reads, viewer
from tests.instance.groups.stage import SCENES, a_stage, accept, added, create_share, move, remove


@pytest.fixture
async def stage(world):
    return await a_stage(world)


@pytest.fixture(params=SCENES, ids=lambda scene: scene.__name__)
async def scene(request, stage):
    return await request.param(stage)


async def test_what_is_well_signed_takes_effect(stage, scene):
    assert await stage.say(scene.activity, scene.speaker) == 202
    assert await scene.seen() == scene.after


async def test_what_is_not_signed_is_refused(stage, scene):
    assert await stage.say(scene.activity, None) == 401
    assert await scene.seen() != scene.after


async def test_what_somebody_else_signed_is_refused(stage, scene):
    assert await stage.say(scene.activity, stage.eve) == 401
    assert await scene.seen() != scene.after


async def test_what_is_sent_twice_takes_effect_once(stage, scene):
    assert await stage.say(scene.activity, scene.speaker) == 202
    once = len(stage.remote.received)
    assert await stage.say(scene.activity, scene.speaker) == 202
    assert len(stage.remote.received) == once
    assert await scene.seen() == scene.after


async def test_somebody_cannot_say_in_her_own_name_what_is_anothers_to_say(stage, scene):
    """Eve signs rightly, as herself, what only the speaker may say."""
    forged = {**scene.activity, "actor": stage.eve}
    forged["id"] = f"{stage.remote.origin}/activities/forged"
    if scene.activity["type"] == "Join":
        return  # everybody may ask for herself
    assert await stage.say(forged, stage.eve) in {202, 400, 401, 403}
    assert await scene.seen() != scene.after


async def test_an_acceptance_without_a_proof_of_this_group_is_not_believed(stage, caplog):
    said = await stage.let_mei_ask()
    for broken in (
        None,
        stage.stamp(stage.ana),
        stage.stamp(stage.mei, attributedTo=stage.eve),
        stage.stamp(stage.mei, object=stage.eve),
        stage.stamp(stage.mei, id="http://care.test/groups/x/affiliations/1"),
        stage.stamp(stage.mei, endTime="2027-01-01T00:00:00Z"),
        stage.stamp(stage.mei, id="http://["),
    ):
        await stage.say(stage.accept(said, result=broken), stage.club)
        assert await stage.standings() == [(stage.club, "asked")]
    assert "ERROR" not in {one.levelname for one in caplog.records}, "it is no fault of ours"


async def test_an_acceptance_of_what_nobody_asked_waits_and_changes_nothing(stage, clock):
    never = {
        "id": f"{stage.care.origin}/activities/never",
        "type": "Join",
        "actor": stage.mei,
        "object": stage.club,
    }
    await stage.say(stage.accept(never), stage.club)
    clock.advance(hours=1)
    await stage.world.settle()
    assert await stage.standings() == []
    assert not await reads(stage.care, groups.belongings, stage.mei)


async def test_what_is_shared_before_the_acceptance_waits_for_it(stage, clock):
    join = stage.remote.activity("Join", stage.ana, stage.group)
    create = stage.remote.activity("Create", stage.ana, stage.share())
    await stage.say(create, stage.ana)
    await stage.say(join, stage.ana)
    assert await stage.shared() == []
    async with stage.care.database.transaction() as tx:
        [request] = await groups.requests(tx, stage.group)
        await groups.accept_member(tx, viewer(stage.leader), request.membership)
    clock.advance(minutes=10)
    await stage.world.settle()
    assert await stage.shared() == [("Ana Lopes", (("ironing", 2),))]


async def test_a_request_in_the_shape_of_mobilizon_is_read_with_its_words(stage):
    words = {"participationMessage": "I cook."}
    join = stage.remote.activity("Join", stage.ana, stage.group, **words)
    join["id"] = f"{stage.remote.origin}/member/7"
    await stage.say(join, stage.ana)
    [request] = await reads(stage.care, groups.requests, stage.group)
    assert request.message == "I cook."


async def test_a_leave_that_overtakes_its_join_is_remembered(stage):
    join = stage.remote.activity("Join", stage.ana, stage.group)
    leave = stage.remote.activity("Leave", stage.ana, stage.group, inReplyTo=join["id"])
    await stage.say(leave, stage.ana)
    await stage.say(join, stage.ana)
    assert await reads(stage.care, groups.requests, stage.group) == []
    again = stage.remote.activity("Join", stage.ana, stage.group)
    await stage.say(again, stage.ana)
    assert len(await reads(stage.care, groups.requests, stage.group)) == 1


async def test_nobody_shares_about_somebody_else_or_after_leaving(stage):
    await stage.let_ana_in()
    about_eve = stage.share(attributedTo=stage.eve)
    await stage.say(stage.remote.activity("Create", stage.ana, about_eve), stage.ana)
    elsewhere = stage.share(audience=stage.club)
    await stage.say(stage.remote.activity("Create", stage.ana, elsewhere), stage.ana)
    foreign = stage.share(id="http://care.test/shares/1")
    await stage.say(stage.remote.activity("Create", stage.ana, foreign), stage.ana)
    assert await stage.shared() == []

    await stage.say(stage.remote.activity("Leave", stage.ana, stage.group), stage.ana)
    await stage.say(stage.remote.activity("Create", stage.ana, stage.share()), stage.ana)
    assert await stage.shared() == []


async def test_what_was_taken_back_does_not_come_back_with_an_older_word(stage):
    await stage.let_ana_in()
    gone = {"id": stage.share()["id"], "type": "Tombstone", "formerType": "DataShare"}
    late = stage.remote.activity("Create", stage.ana, stage.share())
    await stage.say(stage.remote.activity("Delete", stage.ana, gone), stage.ana)
    await stage.say(late, stage.ana)
    assert await stage.shared() == []


async def test_an_older_share_does_not_replace_a_newer_one(stage):
    scene = await create_share(stage)
    await stage.say(scene.activity, stage.ana)
    old = stage.share(name="Old Name", asOf=wire.instant(stage.world.clock() - timedelta(hours=1)))
    await stage.say(stage.remote.activity("Update", stage.ana, old), stage.ana)
    assert await stage.shared() == scene.after


@pytest.mark.parametrize(
    "broken",
    [
        {"fields": "name"},
        {"fields": ["name"] * 31},
        {"asOf": "yesterday"},
        {"asOf": "2027-01-04T08:00:00"},
        {"asOf": "9999-12-31T23:59:59-23:00"},
        {"name": "x" * 201},
        {"skills": [{"id": "x"}] * 301},
        {"skills": [{"id": 5}]},
        {"weeklyMinutes": -1, "fields": ["weekly_hours"]},
        {"windows": [{"startTime": "x", "endTime": "y"}]},
        {
            "windows": [{"startTime": "2027-01-04T08:00:00Z", "endTime": "2027-01-04T09:00:00Z"}]
            * 1001
        },
        {
            "windows": [
                {"startTime": "2027-01-04T08:00:00Z", "endTime": "9999-12-31T23:59:59-23:00"}
            ],
            "fields": ["availability"],
        },
    ],
    ids=str,
)
async def test_what_is_shared_is_bounded_and_well_formed(stage, broken, caplog):
    await stage.let_ana_in()
    create = stage.remote.activity("Create", stage.ana, stage.share(**broken))
    await stage.say(create, stage.ana)
    assert await stage.shared() == []
    assert "ERROR" not in {one.levelname for one in caplog.records}, "it is no fault of ours"


async def test_what_is_not_listed_as_agreed_is_not_kept(stage):
    await stage.let_ana_in()
    sly = stage.share(fields=["skills"], phone="555", languages=["x#language-en"])
    sly["skills"].append({"id": "http://x.test/ns/skills#no-such-skill", "levelOfSkill": 99})
    await stage.say(stage.remote.activity("Create", stage.ana, sly), stage.ana)
    [share] = await reads(stage.care, groups.shares, stage.group)
    assert (share.name, share.phone, share.languages) == (None, None, ())
    assert share.skills == (("ironing", 2),)


async def test_an_account_moves_only_to_one_that_names_it(stage):
    scene = await move(stage)
    stage.remote.documents["/users/bo"]["alsoKnownAs"] = [stage.eve]
    await stage.say(scene.activity, stage.ana)
    assert await stage.members() == [stage.ana]


async def test_an_account_moves_no_more_than_once_in_seven_days(stage, clock):
    scene = await move(stage)
    await stage.say(scene.activity, stage.ana)
    [bo] = scene.after
    cy = await stage.newcomer("cy")
    stage.remote.documents["/users/cy"]["alsoKnownAs"] = [bo]
    await stage.say(stage.remote.activity("Move", bo, bo, target=cy), bo)
    assert await stage.members() == [bo]
    clock.advance(days=8)
    await stage.say(stage.remote.activity("Move", bo, bo, target=cy), bo)
    assert await stage.members() == [cy]


async def test_a_group_cannot_hand_over_what_no_account_announced(stage, clock):
    await stage.say(added(stage), stage.club)
    clock.advance(hours=1)
    await stage.world.settle()
    assert await stage.standings() == []


async def test_a_group_asks_only_people_who_live_here_and_only_to_itself(stage):
    other = {"id": stage.ana, "type": "Group", "name": "Not me"}
    await stage.say(
        stage.remote.activity("Invite", stage.club, other, target=stage.mei), stage.club
    )
    assert await stage.standings() == []


async def test_a_member_is_removed_only_from_the_groups_own_list(stage):
    scene = await remove(stage)
    words = {**scene.activity, "target": "http://remote.test/users/club/featured"}
    await stage.say(words, stage.club)
    assert await stage.standings() == [(stage.club, "member")]


async def test_leaving_forgets_the_agreement_and_takes_the_share_back(stage):
    scene = await accept(stage)
    await stage.say(scene.activity, stage.club)
    assert [one["type"] for one in stage.remote.received] == ["Join", "Create"]
    async with stage.care.database.transaction() as tx:
        await groups.leave(tx, viewer(stage.mei), stage.club)
    await stage.world.settle()
    assert sorted(one["type"] for one in stage.remote.received[2:]) == ["Delete", "Leave"]
    assert not await reads(stage.care, consent.shared_fields, stage.mei, stage.club)


async def test_a_group_cannot_take_in_somebody_who_asked_another_group(stage, clock):
    said = await stage.let_mei_ask()
    rival = stage.remote.actor("rival", await stage.world._keys.take(), "Group")
    stamp = stage.stamp(stage.mei, id=f"{rival}/affiliations/1", attributedTo=rival, object=rival)
    words = {**stage.accept(said, result=stamp), "actor": rival}
    assert await stage.say(words, rival) == 202
    clock.advance(hours=1)
    await stage.world.settle()
    assert await stage.standings() == [(stage.club, "asked")]
