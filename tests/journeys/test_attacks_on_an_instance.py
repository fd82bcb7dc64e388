"""The known attacks that need a whole instance, by the same numbers as those on the library."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance import wire
from instance.groups import service as groups
from instance.people import service as people
from instance.people import sessions
from tests.instance.groups.living import a_worker, reads
from tests.instance.groups.stage import a_stage, added, move
from tests.instance.jobs.test_wire import a_job

EVIL = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:x()">y</a>'


@pytest.fixture
async def stage(world):
    return await a_stage(world)


async def test_14_a_job_from_elsewhere_brings_no_script_into_a_page(stage):
    await stage.let_mei_in()
    job = a_job(stage.remote, stage.club, name=f"Sand {EVIL}", content=f"<p>Shore</p>{EVIL}")
    said = stage.remote.activity("Create", stage.club, job, to=[stage.mei])
    assert await stage.say(said, stage.club) == 202

    async with stage.care.database.transaction() as tx:
        cookie = await sessions.start(tx, stage.mei, "password", "test")
    url = f"{stage.care.origin}/jobs/elsewhere?job={job['id']}"
    asks = {"Accept": "text/html", "Cookie": f"ayni_session={cookie}"}
    async with stage.world.network.client(headers=asks) as client, client.get(url) as answer:
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]

    assert answer.status == 200, page
    assert "Shore" in page
    for evil in ("<script>alert", "<img src=x", 'href="javascript:'):
        assert evil not in page
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy


async def test_16_whoever_asks_to_belong_does_not_before_the_group_says_yes(stage):
    join = await stage.let_mei_ask()
    assert await stage.standings() == [(stage.club, "asked")]

    forged = {**stage.accept(join), "actor": stage.eve}
    await stage.say(forged, stage.eve)
    assert await stage.standings() == [(stage.club, "asked")]
    assert [one for one in stage.remote.received if one["type"] == "Create"] == []

    await stage.say(stage.accept(join), stage.club)
    assert await stage.standings() == [(stage.club, "member")]


async def test_20_an_e_mail_address_makes_nobody_from_elsewhere_one_of_ours(stage):
    async with stage.care.database.reading() as tx:
        mei = await people.require_person(tx, stage.mei)
    stage.remote.documents["/users/eve"] |= {
        "email": mei.email,
        "preferredUsername": mei.username,
        "alsoKnownAs": [stage.mei],
    }
    left = {"group": stage.club, "name": "The Club", "fields": ["skills"]}
    until = wire.instant(stage.world.clock() + timedelta(days=50))
    for said, signer in (
        (
            stage.remote.activity("Update", stage.eve, stage.remote.documents["/users/eve"]),
            stage.eve,
        ),
        (
            stage.remote.activity(
                "Move",
                stage.eve,
                stage.eve,
                target=stage.mei,
                email=mei.email,
                memberships=[{**left, "until": until}],
            ),
            stage.eve,
        ),
        ({**added(stage), "origin": stage.eve}, stage.club),
    ):
        assert await stage.say(said, signer) == 202

    assert await stage.standings() == []
    async with stage.care.database.reading() as tx:
        assert (await people.person_named(tx, mei.username)).iri == stage.mei


@pytest.mark.parametrize("to", ["//evil.test/", "https://evil.test/", "/\\evil.test", "evil.test"])
async def test_21_an_address_of_ours_leads_to_no_other_site(stage, to):
    url, asked = f"{stage.care.origin}/language", {"to": "en", "next": to}
    async with (
        stage.world.network.client() as client,
        client.get(url, params=asked, allow_redirects=False) as answer,
    ):
        assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_22_pictures_and_files_of_others_are_not_fetched_and_nothing_is_written(stage):
    folder = f"{stage.remote.origin}/media"
    picture = {"type": "Image", "url": f"{folder}/..%2F..%2F..%2Fetc%2Fcron.d%2Fx"}
    stage.remote.documents["/users/ana"] |= {"icon": picture, "image": picture}
    note = {
        "id": f"{stage.remote.origin}/notes/1",
        "type": "Note",
        "attributedTo": stage.ana,
        "content": "x",
        "attachment": [{"type": "Document", "mediaType": "image/png", **picture}],
    }
    for kind, inner in (
        ("Join", stage.group),
        ("Create", note),
        ("Update", stage.remote.documents["/users/ana"]),
    ):
        assert await stage.say(stage.remote.activity(kind, stage.ana, inner), stage.ana) == 202

    assert [path for path, _ in stage.remote.fetches if "media" in path] == []
    assert [row.person for row in await reads(stage.care, groups.requests, stage.group)] == [
        stage.ana
    ]


async def test_25_a_move_that_is_not_the_accounts_own_takes_nobody_along(stage):
    scene = await move(stage)
    bo = scene.activity["target"]
    for said in (
        {**scene.activity, "actor": stage.eve},
        {**scene.activity, "actor": stage.eve, "object": stage.eve},
    ):
        await stage.say({**said, "id": f"{said['id']}-{len(said['object'])}"}, stage.eve)
        assert await stage.members() == [stage.ana]

    stage.remote.documents["/users/bo"]["alsoKnownAs"] = [stage.eve]
    await stage.say(scene.activity, stage.ana)
    assert await stage.members() == [stage.ana]
    assert bo not in await stage.members()


async def test_25_a_move_gives_no_rights_where_the_group_was_not_asked(stage):
    await a_worker(stage.care, people.NewPerson(username="bea", name="Bea"), free=False)
    said = stage.remote.activity("Move", stage.ana, stage.ana, target=stage.mei)
    await stage.say(said, stage.ana)

    assert await stage.standings() == []
    assert await stage.members() == []
