"""Coarse counts: for standing allies who sign, not too often, and nobody's name."""

from __future__ import annotations

import msgspec

from instance.alliances.activities import ask_capacity
from instance.alliances.capacity import MOST_AN_HOUR
from tests.instance.alliances.pair import SKILL, Stranger, allied, found


async def test_an_ally_learns_counts_and_the_hour_they_were_true(any_world):
    care, wash = await allied(any_world)
    worker = await wash.add_worker("suk_yee", "Ng Suk Yee")

    heard = await ask_capacity(care.database, care.group, wash.group)

    assert {one.label for one in heard.counts} == {"1–2"}  # noqa: RUF001
    assert {one.skill for one in heard.counts} == {SKILL}
    assert heard.as_of == any_world.clock().replace(microsecond=0)
    text = msgspec.json.encode(heard).decode()
    assert worker not in text
    assert "suk" not in text.casefold()


async def test_an_answer_is_kept_a_few_minutes(world):
    care, wash = await allied(world)
    first = await ask_capacity(care.database, care.group, wash.group)
    world.clock.advance(minutes=4)
    assert (await ask_capacity(care.database, care.group, wash.group)).as_of == first.as_of
    world.clock.advance(minutes=2)
    assert (await ask_capacity(care.database, care.group, wash.group)).as_of > first.as_of


async def test_when_the_ally_cannot_be_reached_the_last_word_stays(any_world):
    care, wash = await allied(any_world)
    await wash.add_worker("suk_yee", "Ng Suk Yee")
    first = await ask_capacity(care.database, care.group, wash.group)
    any_world.clock.advance(minutes=6)
    any_world.network.vanish("wash.test")

    heard = await ask_capacity(care.database, care.group, wash.group)

    assert heard.failed
    assert (heard.as_of, heard.counts) == (first.as_of, first.counts)


async def test_nobody_but_a_standing_ally_is_told(world):
    care = await found(world, "care")
    green = Stranger(world, await world.remote("green"))
    url = f"{care.group}/capacity"

    assert (await green.remote.get(url))[0] == 404
    assert (await green.remote.get(url, signer=green.group))[0] == 404
    await green.ally_with(care)
    eve = green.remote.actor("eve", kind="Group")
    assert (await green.remote.get(url, signer=eve))[0] == 404

    status, document = await green.remote.get(url, signer=green.group)

    assert (status, document["attributedTo"]) == (200, care.group)
    assert document["asOf"]


async def test_an_ally_that_asks_all_the_time_is_told_to_wait(world):
    care = await found(world, "care")
    green = Stranger(world, await world.remote("green"))
    await green.ally_with(care)
    url = f"{care.group}/capacity"

    answers = [
        (await green.remote.get(url, signer=green.group))[0] for _ in range(MOST_AN_HOUR + 1)
    ]

    assert answers == [200] * MOST_AN_HOUR + [429]
    world.clock.advance(hours=1, minutes=1)
    assert (await green.remote.get(url, signer=green.group))[0] == 200


async def test_the_public_list_names_allies_and_no_terms(world):
    care, wash = await allied(world)
    remote = await world.remote()

    status, document = await remote.get(f"{care.group}/alliances")
    (stamp,) = document["orderedItems"]
    found_there, signed = await remote.get(stamp["id"])

    assert (status, found_there) == (200, 200)
    assert (stamp["subject"], stamp["object"]) == (care.group, wash.group)
    assert signed["proof"]["verificationMethod"] == f"{care.group}#ed25519-key"
    told = [{**one, "@context": [], "proof": {}} for one in (document, signed)]
    for words in ("Harbour", "limits", "levy", "75.00"):
        assert words not in msgspec.json.encode(told).decode()


async def test_counts_that_are_no_counts_are_a_failure_and_not_an_error(world):
    care = await found(world, "care")
    green = Stranger(world, await world.remote("green"))
    await green.ally_with(care)
    whole = {
        "id": f"{green.group}/capacity",
        "type": "Collection",
        "attributedTo": green.group,
        "asOf": "2099-01-01T00:00:00Z",
    }
    times = {"startTime": "2027-01-04T00:00:00Z", "endTime": "2027-01-04T12:00:00Z"}
    path = f"/users/{green.group.rpartition('/')[2]}/capacity"
    for broken in (
        {"items": "many"},
        {"items": [], "attributedTo": care.group},
        {"items": [{"count": "6+", "startTime": "soon", "endTime": "later"}]},
        {"items": [], "asOf": "0001-01-01T00:00:00+12:00"},
    ):
        green.remote.documents[path] = whole | broken
        world.clock.advance(minutes=6)
        assert (await ask_capacity(care.database, care.group, green.group)).failed, broken
    green.remote.documents[path] = whole | {"items": [{"count": ["6+"], **times}, 7]}
    world.clock.advance(minutes=6)

    heard = await ask_capacity(care.database, care.group, green.group)

    assert (heard.failed, heard.counts) == ("", ())
    assert heard.as_of == world.clock()
