"""A POST that a program repeats with its key is done once and answered as the first time."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from instance.idempotency import Answered
from instance.people import service as people
from instance.people import sessions


@pytest.fixture
async def ana(world):
    care = await world.instance("care")
    async with care.database.transaction() as tx:
        person = await people.add_person(tx, people.NewPerson("ana", "Ana"))
        session = await sessions.start(tx, person, "password")
    csrf = hashlib.sha256(f"csrf:{session}".encode()).hexdigest()[:32]

    async def post(path, values, key):
        headers = {
            "Cookie": f"ayni_session={session}",
            "X-CSRF-Token": csrf,
            "Idempotency-Key": key,
        }
        async with (
            world.network.client(headers=headers) as client,
            client.post(f"{care.origin}{path}", json=values) as answer,
        ):
            return answer.status, await answer.json()

    return post


TOKEN = {"scopes": ["self"], "label": "another"}


async def test_a_repeated_key_gets_the_first_answer(ana):
    first = await ana("/me/skills.json", {"key": "no-such-skill"}, "k1")
    added = await ana("/me/skills.json", {"key": "home-care", "level": 2}, "k2")
    again = await ana("/me/skills.json", {"key": "home-care", "level": 2}, "k2")

    assert first[0] in {404, 422}
    assert added == again


async def test_an_answer_that_holds_a_secret_is_not_kept(ana):
    status, made = await ana("/me/tokens.json", TOKEN, "k")
    again, problem = await ana("/me/tokens.json", TOKEN, "k")

    assert (status, again) == (201, 409)
    assert made["token"] not in str(problem)


async def test_two_at_once_with_one_key_are_one(ana):
    answers = await asyncio.gather(*(ana("/me/tokens.json", TOKEN, "k") for _ in range(4)))

    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]


async def test_what_was_refused_may_be_tried_again_with_the_same_key(ana):
    refused, _ = await ana("/me/tokens.json", {"scopes": ["nonsense"], "label": "x"}, "k")
    status, _ = await ana("/me/tokens.json", TOKEN, "k")

    assert refused >= 400
    assert status == 201


async def test_a_request_that_died_with_its_server_may_be_tried_again(ana, world, clock):
    [care] = world.instances
    async with care.database.transaction() as tx:
        person = await people.person_named(tx, "ana")
        key = f"{person.iri} /me/skills k"
        tx.session.add(Answered(key=key, at=tx.now))
    skill = {"skill": "home-care", "level": 2}
    too_soon, _ = await ana("/me/skills.json", skill, "k")
    clock.advance(minutes=1)
    first = await ana("/me/skills.json", skill, "k")

    assert (too_soon, first[0]) == (409, 200)
    assert await ana("/me/skills.json", skill, "k") == first


async def test_a_key_without_end_is_refused(ana):
    status, _ = await ana("/me/tokens.json", TOKEN, "k" * 201)

    assert status == 422
