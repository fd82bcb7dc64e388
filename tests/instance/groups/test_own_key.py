"""A key of one's own: made once, handed over, and kept by nobody but its holder (FEP-c390)."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import KeyPair, identities_of, state_identity
from federation.keypool import make_keys
from instance.errors import Conflict, Forbidden, Invalid, NotFound
from instance.groups import own_key
from instance.groups.keyfile import MOST_BYTES, KeyFile, read_key_file
from instance.notices import service as notices
from instance.wire import instant
from tests.instance.groups.living import (
    ESSENTIAL,
    a_group,
    a_member,
    a_worker,
    in_person,
    reads,
    viewer,
)

ANA = "https://gone.example/people/ana"
KEY, NOW = KeyPair.generate_ed25519(), datetime(2027, 1, 4, tzinfo=UTC)


async def made(one, person, **more):
    """Make a key for somebody; returns the text of its file."""
    async with one.database.transaction() as tx:
        return (await own_key.make_key(tx, in_person(person), **more)).text


async def document_of(world, iri):
    """Fetch an actor as anybody may."""
    async with (
        world.network.client() as client,
        client.get(iri, headers={"Accept": "application/activity+json"}) as answer,
    ):
        return await answer.json(content_type=None)


@pytest.fixture
async def green(world):
    return await world.instance("green")


@pytest.fixture
async def mei(green):
    return await a_worker(green)


async def test_what_her_key_has_signed_stands_in_her_actor(world, green, mei):
    assert await reads(green, own_key.own_key, mei) is None
    held = read_key_file((await made(green, mei)).encode())

    assert (held.account, held.handle) == (mei, "mei@green.test")
    document = await document_of(world, mei)
    assert identities_of(document) == {held.key.did_key}
    assert [one["type"] for one in document["attachment"]] == ["VerifiableIdentityStatement"]
    assert await reads(green, own_key.own_key, mei) == world.clock().replace(microsecond=0)


async def test_her_groups_hear_of_it_and_stand_in_the_file(world, green, mei):
    care = await world.instance("care")
    group, leader = await a_group(care)
    first = read_key_file((await made(green, mei)).encode())
    await a_member(world, green, care, mei, group, leader)
    assert first.groups == []
    async with care.database.reading() as tx:
        known = await tx.federation.store.peers.known_actor(tx, mei)
    assert identities_of(known.document) == {first.key.did_key}

    second = read_key_file((await made(green, mei, sure=True)).encode())
    await world.settle()
    [(listed, name, fields, _)] = second.groups
    assert (listed, name, set(fields)) == (group, "Shatin Care Commune", set(ESSENTIAL))
    async with care.database.reading() as tx:
        known = await tx.federation.store.peers.known_actor(tx, mei)
    assert identities_of(known.document) == {second.key.did_key}


async def test_a_second_key_is_made_only_by_who_is_sure(green, mei):
    first = await made(green, mei)
    with pytest.raises(Conflict, match="worthless"):
        await made(green, mei)
    async with green.database.reading() as tx:
        again = await own_key.renew_file(tx, in_person(mei), read_key_file(first.encode()))
    assert again.text == first


async def test_a_removed_key_stands_nowhere(world, green, mei):
    held = read_key_file((await made(green, mei)).encode())
    async with green.database.transaction() as tx:
        with pytest.raises(Invalid, match="sure"):
            await own_key.remove_key(tx, in_person(mei))
        await own_key.remove_key(tx, in_person(mei), sure=True)
    assert "attachment" not in await document_of(world, mei)
    async with green.database.reading() as tx:
        with pytest.raises(NotFound):
            await own_key.renew_file(tx, in_person(mei), held)


async def test_she_is_told_of_a_key_that_may_not_be_hers(green, mei):
    await made(green, mei)
    async with green.database.transaction() as tx:
        await own_key.remove_key(tx, in_person(mei), sure=True)
    async with green.database.reading() as tx:
        view = await notices.notices(tx, in_person(mei))
    assert [(one.kind, one.link) for one in view.notices] == [("own_key", "/me/key")]


async def test_the_file_of_another_key_is_not_brought_up_to_date(green, mei):
    old = read_key_file((await made(green, mei)).encode())
    await made(green, mei, sure=True)
    async with green.database.reading() as tx:
        with pytest.raises(Invalid, match="not that of this account"):
            await own_key.renew_file(tx, in_person(mei), old)


async def test_no_program_makes_or_removes_a_key_for_her(green, mei):
    async with green.database.transaction() as tx:
        for act in (own_key.make_key, own_key.remove_key):
            with pytest.raises(Forbidden):
                await act(tx, viewer(mei), sure=True)


# The file ----------------------------------------------------------------------------------------


def a_file(now, key, **changes):
    """Write a file as somebody could bring it."""
    file = KeyFile("Keep it.", "ana@gone.example", key.secret_multibase, {})
    file = msgspec.structs.replace(file, statement=state_identity(ANA, key, now))
    return msgspec.structs.replace(file, **changes).text.encode()


def test_a_file_is_read_as_it_was_written_wherever_it_was(clock):
    key, left = KeyPair.generate_ed25519(), {"group": "https://b.example/g", "until": ""}
    data = a_file(clock(), key, groups=[left | {"until": instant(clock())}])
    for one in (data, b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") + b"\r\n"):
        held = read_key_file(one)
        assert (held.account, held.handle) == (ANA, "ana@gone.example")
        assert held.key.did_key == key.did_key
        assert [group for group, *_ in held.groups] == ["https://b.example/g"]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"\xff\xd8\xff\xe0",
        b"name,phone\n",
        b"{}",
        b"[]",
        b'{"readMe": 1}',
        b"[" * (MOST_BYTES - 1),
        b" " * (MOST_BYTES + 1) + b"{}",
    ],
)
def test_what_is_no_such_file_is_said_so(data):
    with pytest.raises(Invalid, match="not a file with a key") as refused:
        read_key_file(data)
    assert refused.value.field == "file"


def test_what_is_logged_of_a_file_shows_no_key():
    file = msgspec.json.decode(a_file(NOW, KEY), type=KeyFile)
    shown = [repr(file), repr(read_key_file(file.text.encode())), str(file.__rich_repr__())]
    assert KEY.secret_multibase in file.text
    assert KEY.secret_multibase not in "".join(shown)


def test_an_empty_file_asks_for_one():
    with pytest.raises(Invalid, match="Choose the file"):
        read_key_file(b" \n")


def test_attack_a_file_whose_key_has_not_signed_whose_it_is(clock):
    key, other = KeyPair.generate_ed25519(), KeyPair.generate_ed25519()
    signed = state_identity(ANA, other, clock())
    own = state_identity(ANA, key, clock())
    late = {"group": "https://b.example/g", "until": "tomorrow"}
    for changes in (
        {"statement": signed},
        {"statement": signed | {"subject": key.did_key}},
        {"statement": own | {"alsoKnownAs": "https://gone.example/people/bo"}},
        {"statement": state_identity("no address", key, clock())},
        {"statement": own | {"alsoKnownAs": [ANA]}},
        {"statement": {}},
        {"secret_key_multibase": "z"},
        {"secret_key_multibase": key.multibase},
        {"secret_key_multibase": make_keys().rsa.multibase},
        {"groups": [late]},
        {"groups": [{}] * 201},
    ):
        with pytest.raises(Invalid, match="damaged"):
            read_key_file(a_file(clock(), key, **changes))


@given(st.data())
def test_a_file_with_a_letter_changed_is_refused_or_means_the_same(data):
    whole = a_file(NOW, KEY).decode()
    at = data.draw(st.integers(0, len(whole) - 1))
    letter = data.draw(st.characters(codec="ascii"))
    try:
        held = read_key_file((whole[:at] + letter + whole[at + 1 :]).encode())
    except Invalid:
        return
    assert (held.account, held.key.did_key) == (ANA, KEY.did_key)


@given(st.binary(max_size=300))
def test_anything_at_all_is_read_or_refused_in_words(data):
    with pytest.raises(Invalid):
        read_key_file(data)
