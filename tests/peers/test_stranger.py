"""Whoever has read FEDERATION.md alone works with us: a server of another make, in every role."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from federation.comparing import EVERY
from tests.journeys.story import found_coop
from tests.peers import alliances, exchanges, properties
from tests.peers.stranger import wire
from tests.peers.stranger.server import Stranger, digest
from tests.peers.talk import Talk

HERE = Path(__file__).parent
TEXT = properties.DOCUMENT.read_text(encoding="utf-8")
OURS = {"federation", "instance", "matching"}


def test_the_stranger_takes_nothing_from_us():
    for path in (HERE / "stranger").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in getattr(node, "names", [])]
            module = getattr(node, "module", None)
            for name in [module] if module else names:
                assert name.partition(".")[0] not in OURS, path


async def begin(world, *, sparing=False, manner=wire.CAVAGE):
    care = await found_coop(world, "care", "Shatin Care Commune", "koel")
    await care.imports(
        "Tolo Wong,tolo,tolo@mail.example,,Home care,,30,yes,yes",
        "Mei Chan,mei,mei@mail.example,,Home care,,30,yes,yes",
    )
    stranger = await Stranger(world.network, "stranger.test", world.clock, manner).serve()
    return Talk(world, care, stranger, sparing=sparing)


@pytest.mark.parametrize("sparing", [False, True], ids=["in full", "sparing of words"])
async def test_a_stranger_is_home_group_and_ally(world, sparing):
    talk = await begin(world, sparing=sparing, manner=wire.ED25519 if sparing else wire.CAVAGE)
    ana = await exchanges.belongs(talk, "ana")
    await exchanges.members_come_and_go(talk)
    await exchanges.answers_in_every_way(talk, ana)
    hers = await exchanges.promises_to_come(talk, ana)

    wash = await exchanges.group_elsewhere(talk)
    await exchanges.our_people_join(talk, wash)
    await exchanges.our_people_are_asked(talk, wash)

    accept = await alliances.become_allies(talk, wash)
    lent = await alliances.stranger_lends(talk, wash)
    await alliances.stranger_borrows(talk, wash)

    world.clock.now = exchanges.AFTER_WORK
    await world.settle()
    await exchanges.states_hours(talk, ana, hers)
    await alliances.lent_hours_count(talk, lent)
    await exchanges.our_people_state_hours(talk, wash)
    await exchanges.ends(talk, ana)
    await both_say_the_same(talk)
    await alliances.are_allies_no_more(talk, wash, accept)
    # only groups that were told add; a code at a door is for the people of our own kind of server
    left = {"Add", "Create{CheckIn}", "Accept{CheckIn}", "Reject{CheckIn}"}
    assert properties.table().keys() - talk.spoken == left


async def both_say_the_same(talk):
    """Each side asks the other what it has said; what never came is fetched."""
    stranger, care, world = talk.stranger, talk.care, talk.world
    _, document = await stranger.get(f"{care.origin}/actor")
    for reader, expected in ((None, 404), (stranger.application, 200)):
        status, overview = await stranger.get(document["reconciliation"], reader)
        assert status == expected
    for one in overview["items"]:
        heard = stranger.items(one["name"], stranger.received)
        assert (one["name"], one["totalItems"]) == (one["name"], len(heard))
        assert one["digest"] == digest(heard), one["name"]

    ana2 = stranger.actors[f"{stranger.origin}/users/ana2"]
    lost = ana2.prove(stranger.written("Leave", ana2, care.group, care.group))
    stranger.keep(lost)
    world.clock.advance(seconds=EVERY.total_seconds() + 60)
    await world.settle()
    members = (await care.koel.get(f"/groups/{care.token}/members"))["members"]
    assert ana2.id not in {one["person"] for one in members}
    world.clock.advance(minutes=11)
    await world.settle()
    async with care.running.database.reading() as tx:
        [compared] = await care.running.federation.store.exchanges.compared(tx)
    assert (compared.peer, compared.differs) == (stranger.origin, ())


@pytest.mark.parametrize("manner", [wire.CAVAGE, wire.RSA, wire.ED25519])
async def test_a_strangers_microblog_follows_speaks_and_is_blocked(world, manner):
    talk = await begin(world, manner=manner)
    stranger, care = talk.stranger, talk.care
    lan = exchanges.home(talk, "lan")
    found = f"{care.origin}/.well-known/webfinger?resource=acct:care@{care.host}"
    _, names = await stranger.get(found)
    [group] = [one["href"] for one in names["links"] if one["rel"] == "self"]
    _, document = await stranger.get(group, lan)
    follow = await talk.say("Follow", lan, group)
    assert stranger.heard("Accept", "Follow")["object"]["id"] == follow["id"]

    one = exchanges.shift("2027-01-08", "09:00", "11:00", (exchanges.CARE, 1))
    job = await care.koel.posts(title="Tea morning", pay="75", shifts=[one])
    await world.settle()
    note = stranger.heard("Create", "Note")["object"]
    assert (note["id"], note["attributedTo"]) == (job.iri, group)
    said = {"id": f"{lan.id}/notes/1", "type": "Note", "attributedTo": lan.id, "to": [group]}
    await talk.say("Create", lan, {**said, "inReplyTo": note["id"], "content": "May I come?"})
    for kind in ("Like", "Announce"):
        await talk.say(kind, lan, note["id"])
    [asked] = (await care.koel.get("/enquiries"))["asked_of_us"]
    assert (asked["asker"], asked["lines"][0]["text"]) == (lan.id, "May I come?")
    await says_nonsense(talk, lan, document["inbox"])

    await care.koel.post("/moderation", subject=stranger.host, standing="blocked", reason="Spam")
    like = lan.prove(stranger.written("Like", lan, note["id"], group))
    assert await stranger.post(document["endpoints"]["sharedInbox"], like, lan) == 403
    assert (await stranger.get(note["id"], lan))[0] == 403


ACTORS = re.compile(r"<!-- actors: .*?-->\n(.*?)<!-- end of actors -->", re.DOTALL)
NEEDED = re.findall(r"\*\*`(\w+)`\*\*", ACTORS.search(TEXT)[1])
EXAMPLE = json.loads(
    re.search(r"```json\n(.*?)```", TEXT.partition("end of actors")[2], re.DOTALL)[1]
)


async def test_an_actor_needs_what_is_said_and_one_kind_of_key(world):
    talk = await begin(world)
    wash = await exchanges.group_elsewhere(talk)
    assert wash.document().keys() == EXAMPLE.keys()
    assert {one.strip("`") for one in NEEDED} == {"id", "type", "inbox"}
    tried = [(one, 400) for one in ("id", "type", "inbox")]
    tried += [("publicKey", 401), ("assertionMethod", 202), ("outbox", 202)]
    for name, expected in tried:
        one = exchanges.home(talk, f"no-{name.lower()}")
        one.lacks = {name}
        follow = talk.stranger.written("Follow", one, talk.care.group, talk.care.group)
        status = await talk.stranger.post(f"{talk.care.group}/inbox", follow, one)
        assert (name, status) == (name, expected)
    talk.stranger.manner = wire.ED25519
    one = exchanges.home(talk, "ed")
    one.lacks = {"publicKey"}
    follow = talk.stranger.written("Follow", one, talk.care.group, talk.care.group)
    assert await talk.stranger.post(f"{talk.care.group}/inbox", follow, one) == 202


async def says_nonsense(talk, lan, inbox):
    """Try what the inbox refuses, and what it takes though it means nothing."""
    stranger = talk.stranger
    odd = stranger.written("Applaud", lan, f"{talk.care.origin}/jobs/none", talk.care.group)
    eve = exchanges.home(talk, "eve")
    for said, signer, expected in (
        (odd, lan, 202),
        (lan.prove({**odd, "id": f"{odd['id']}-again"}), None, 202),
        (odd, None, 401),
        (odd, eve, 401),
        ({**odd, "object": None, "actor": None}, lan, 400),
        (b"{", lan, 400),
        ({**odd, "content": "a" * 1_000_000}, lan, 413),
    ):
        assert await stranger.post(inbox, said, signer) == expected
