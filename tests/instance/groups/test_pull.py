"""A new account says itself that it was another, whose server may be gone (FEP-7628, FEP-c390)."""

import pytest
from aiohttp import web

from federation.keypool import make_keys
from tests.instance.groups.stage import a_stage, pull, stated


@pytest.fixture
async def stage(world):
    return await a_stage(world)


async def unreachable(_request):
    return web.Response(status=503)


@pytest.mark.parametrize("answer", [unreachable, None])
async def test_she_moves_when_her_old_server_answers_no_more(stage, answer):
    scene = await pull(stage)
    stage.remote.documents["/users/ana"] = answer
    await stage.say(scene.activity, scene.speaker)
    assert await stage.members() == scene.after


async def test_attack_a_key_that_the_old_account_has_taken_back(stage):
    scene = await pull(stage)
    del stage.remote.documents["/users/ana"]["attachment"]
    await stage.say(scene.activity, scene.speaker)
    assert await stage.members() == [stage.ana]


async def test_attack_a_statement_of_somebody_else_for_ones_own(stage):
    scene = await pull(stage)
    documents = stage.remote.documents
    documents["/users/bo"]["attachment"] = documents["/users/ana"]["attachment"]
    await stage.say(scene.activity, scene.speaker)
    assert await stage.members() == [stage.ana]


async def test_attack_a_key_of_ones_own_for_anothers(stage):
    scene = await pull(stage)
    own = stated(stage, scene.speaker, make_keys().ed25519)
    stage.remote.documents["/users/bo"]["attachment"] = [own]
    await stage.say(scene.activity, scene.speaker)
    assert await stage.members() == [stage.ana]


async def test_attack_an_alias_alone_pulls_nobody(stage):
    scene = await pull(stage)
    bo = stage.remote.documents["/users/bo"]
    bo["alsoKnownAs"] = [stage.ana]
    del bo["attachment"]
    await stage.say(scene.activity, scene.speaker)
    assert await stage.members() == [stage.ana]


async def test_attack_an_account_of_ours_is_pulled_away(stage):
    scene = await pull(stage)
    words = {**scene.activity, "object": stage.mei}
    await stage.say(words, scene.speaker)
    assert await stage.members() == [stage.ana]


async def test_attack_a_third_account_says_who_was_whom(stage):
    scene = await pull(stage)
    words = stage.remote.activity("Move", stage.eve, stage.ana, target=scene.speaker)
    await stage.say(words, stage.eve)
    assert await stage.members() == [stage.ana]
