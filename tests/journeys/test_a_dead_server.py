"""Three servers as processes of their own: one dies, and who lived there keeps her membership."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from datetime import UTC, datetime

import aiohttp
import msgspec
import pytest
import sqlalchemy as sa

from federation import KeyPair, identities_of, state_identity
from instance.commands.opening import opened
from instance.db import Database
from instance.groups.keyfile import KeyFile, read_key_file
from instance.people import service as people
from instance.people import sessions
from instance.web import DATABASE
from tests.journeys.processes import Server, free_ports, until

FIELDS = ["name", "skills", "availability"]


class Desk:
    """Somebody signed in at a server, before its pages."""

    def __init__(self, server, person, cookie):
        self.server, self.person, self._cookie = server, person, cookie

    async def sends(self, path, file=None):
        """Send a form, with a file if there is one; returns the status and the page."""
        form = aiohttp.FormData()
        form.add_field("csrf", hashlib.sha256(f"csrf:{self._cookie}".encode()).hexdigest()[:32])
        if file is not None:
            form.add_field("file", file, filename="ayni-key.txt", content_type="text/plain")
        headers = {
            "Host": self.server.origin.partition("://")[2],
            "Cookie": f"ayni_session={self._cookie}",
            "Accept": "text/html",
        }
        url = f"http://127.0.0.1:{self.server.port}{path}"
        async with (
            aiohttp.ClientSession(headers=headers) as client,
            client.post(url, data=form) as answer,
        ):
            return answer.status, await answer.text()


async def sits_down(server, username):
    """Sign somebody in, who gets an account if she has none."""
    async with opened(server.settings) as app, app[DATABASE].transaction() as tx:
        known = await people.person_named(tx, username)
        if known is None:
            new = people.NewPerson(username=username, name=username.title())
            await people.add_person(tx, new)
            known = await people.person_named(tx, username)
        cookie = await sessions.start(tx, known.iri, "password", "test")
    return Desk(server, known.iri, cookie)


def saved(page):
    """Return the file that a page offers."""
    [encoded] = re.findall(r'href="data:text/plain;charset=utf-8;base64,([^"]+)"', page)
    return base64.b64decode(html.unescape(encoded))


def forged(file, person, key):
    """Write the file of a key whose holder says that she is somebody else."""
    known = msgspec.json.decode(file, type=KeyFile)
    said = state_identity(person, key, datetime.now(UTC))
    changed = {"secret_key_multibase": key.secret_multibase, "statement": said}
    return msgspec.structs.replace(known, **changed).text.encode()


async def members(server):
    """Name who belongs to a server's group, but for its leader."""
    found = await server.get(f"{group_of(server)}/members", "koel")
    return {one["person"] for one in found["members"] if one["role"] != "leader"}


def group_of(server):
    return server.group.removeprefix(server.origin)


async def joins(home, server, username):
    """Let somebody ask a group elsewhere, and be taken in."""
    await home.post("/groups/join", username, group=server.group, fields=FIELDS)

    async def asked():
        return (await server.get(f"{group_of(server)}/members", "koel"))["requests"]

    [request] = await until(asked)
    await server.post(f"{group_of(server)}/members/{request['membership']}/accept", "koel")
    await until(lambda: belongings(home, username))


async def belongings(home, username):
    """Name the groups that somebody's home says she belongs to."""
    mine = (await home.get("/groups", username))["mine"]
    return [
        one["group"] for one in mine if one["state"] == "member" if one["origin"] != home.origin
    ]


async def knows(server, person, key):
    """Tell whether a server has heard which key of her own somebody has."""
    database = Database(server.settings)
    try:
        async with database.reading() as tx:
            known = await database.store.peers.known_actor(tx, person)
    finally:
        await database.close()
    return known is not None and key in identities_of(known.document)


async def refusal(server):
    """Say why a Move that a server heard moved nobody."""
    database = Database(server.settings)
    inbox = database.store.inbox.tables.inbox
    try:
        async with database.reading() as tx:
            chosen = sa.select(inbox.c.reason).where(inbox.c.type.like("Move%"))
            return (await tx.session.execute(chosen)).scalar()
    finally:
        await database.close()


@pytest.fixture
async def servers(tmp_path):
    ports = free_ports(3)
    made = [
        Server(tmp_path, name, port, None)
        for name, port in zip(("ash", "birch", "cedar"), ports, strict=True)
    ]
    for one, leader in zip(made, ("mei", "koel", "wren"), strict=True):
        await one.found(leader)
    yield made
    for one in made:
        await one.stop()


async def test_her_membership_follows_her_from_a_server_that_is_dead(servers, tmp_path):
    ash, birch, cedar = servers
    mei, eve, kept = [
        await sits_down(server, name)
        for server, name in ((ash, "mei"), (cedar, "eve"), (cedar, "meiling"))
    ]
    await cedar.gives_a_token("meiling")
    for one in servers:
        await one.start()
    await joins(ash, birch, "mei")
    assert await members(birch) == {mei.person}

    status, page = await mei.sends("/me/key")
    file = saved(page)
    key = read_key_file(file).key
    assert status == 200
    await until(lambda: knows(birch, mei.person, key.did_key))
    await ash.stop()

    status, page = await eve.sends("/me/arrival", file.replace(b"did:key:z6Mk", b"did:key:z6Mm"))
    assert (status, "damaged" in page) == (422, True)
    own = KeyPair.generate_ed25519()
    status, _ = await eve.sends("/me/arrival", forged(file, mei.person, own))
    assert status == 200
    assert "Nothing proves" in await until(lambda: refusal(birch))
    assert await members(birch) == {mei.person}

    status, page = await kept.sends("/me/arrival", file)
    assert (status, read_key_file(saved(page)).account) == (200, kept.person)

    assert await until(lambda: belongings(cedar, "meiling")) == [birch.group]
    assert await members(birch) == {kept.person}
    await cedar.stop()
    await birch.stop()
    found = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert key.multibase.encode() in found
    assert key.secret_multibase.encode()[6:] not in found
    assert key.private_key.private_bytes_raw() not in found
