"""The page where a key of one's own is made, and that nothing here keeps it."""

from __future__ import annotations

import base64
import html
import io
import logging
import re
import tempfile
from pathlib import Path

import aiohttp
import pytest

from federation import KeyPair
from instance.groups import own_key
from instance.groups.keyfile import read_key_file
from instance.people import service as people
from tests.instance.groups.living import a_group, a_worker, in_person
from tests.instance.people.conftest import Browser, Coop


@pytest.fixture
async def coop(world):
    green = await world.instance("green")
    mei = await a_worker(green)
    async with world.network.client(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Coop(green, client, None, mei, None)


def file_in(page):
    """Return what the button saves."""
    [encoded] = re.findall(r'href="data:text/plain;charset=utf-8;base64,([^"]+)"', page)
    return base64.b64decode(html.unescape(encoded))


async def test_she_makes_her_key_and_saves_it(coop):
    browser = await coop.browser(coop.mei)
    page = await browser.get("/me/key")
    assert "Make my key" in page.text
    answer = await browser.post("/me/key")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    data = file_in(answer.text)
    assert read_key_file(data).account == coop.mei
    assert 'download="ayni-key-mei-green.test.txt"' in answer.text
    assert "Keep this file where only you can read it" in data.decode()
    assert "has a key since" in (await browser.get("/me/key")).text

    again = await browser.post("/me/key/renew", {"file": io.BytesIO(data)})
    assert file_in(again.text) == data
    assert "Your file is good" in again.text
    refused = await browser.post("/me/key/renew", {"file": io.BytesIO(b"a picture")})
    assert (refused.status, "begins with ayni-key" in refused.text) == (422, True)
    twice = await browser.post("/me/key")
    assert (twice.status, "worthless" in twice.text) == (422, True)
    gone = await browser.post("/me/key/remove", {"sure": "1"})
    assert gone.to == "/me/key"
    assert "Make my key" in (await browser.get("/me/key")).text


async def test_the_page_of_arrival_says_what_is_wrong_and_whom_it_told(world, coop):
    care = await world.instance("care")
    group, _ = await a_group(care)
    away = await a_worker(care, people.NewPerson(username="ana", name="Ana"))
    async with care.database.transaction() as tx:
        file = (await own_key.make_key(tx, in_person(away))).text.encode()
    browser = await coop.browser(coop.mei)
    assert "My old server is gone" in (await browser.get("/me/arrival")).text
    for text, said in (
        ("nobody@nowhere.test", "Nothing answers"),
        ("a@b.test\n" * 11, "no more than ten"),
    ):
        fields = {"file": io.BytesIO(file), "groups": text}
        refused = await browser.post("/me/arrival", fields)
        assert (refused.status, said in refused.text) == (422, True)
        assert 'href="#field-groups"' in refused.text
    answer = await browser.post("/me/arrival", {"file": io.BytesIO(file)})
    assert "The file lists no group of another co-op" in answer.text
    assert read_key_file(file_in(answer.text)).account == coop.mei
    assert answer.headers["Cache-Control"] == "no-store"

    near, _ = await a_group(coop.running, "near", "Near")
    answer = await browser.post("/me/arrival", {"file": io.BytesIO(file), "groups": near})
    assert "<li>Near</li>" in answer.text
    assert "Near" in (await browser.get("/me/arrival")).text
    assert near in (await browser.get("/me/arrival/waiting.csv")).text
    assert group not in answer.text


async def test_a_program_is_handed_no_key(coop):
    token = await coop.token(coop.mei, "self")
    stranger = Browser(coop)
    answer = await stranger.post("/me/key.json", Authorization=f"Bearer {token}")
    assert (answer.status, "yourself" in answer.text) == (403, True)
    answer = await stranger.post("/me/key", Accept="application/json")
    assert answer.status == 401


async def test_no_table_no_log_and_no_file_holds_the_private_key(coop, caplog, capfd, monkeypatch):
    """Made, brought back, brought damaged, and asked for twice by one Idempotency-Key."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", _never)
    browser = await coop.browser(coop.mei)
    once = {"Idempotency-Key": "one"}
    data = file_in((await browser.post("/me/key", **once)).text)
    key = read_key_file(data).key
    assert (await browser.post("/me/key", **once)).status == 409
    await browser.post("/me/key/renew", {"file": io.BytesIO(data)}, **once)
    broken = data.replace(b'"alsoKnownAs"', b'"alsoKnown"')
    refused = await browser.post("/me/key/renew", {"file": io.BytesIO(broken)})
    assert "damaged" in refused.text
    refused = await browser.post("/me/key/renew", {"text": broken.decode()})
    assert key.secret_multibase not in refused.text

    kept = _everything(coop) + caplog.text.encode() + "".join(capfd.readouterr()).encode()
    assert key.multibase.encode() in kept
    for form in _forms_of(key):
        assert form not in kept


def _never(_file):
    raise AssertionError("what was sent went to the disk")


def _forms_of(key: KeyPair):
    raw = key.private_key.private_bytes_raw()
    return (
        raw,
        raw.hex().encode(),
        base64.b64encode(raw)[:40],
        base64.b64encode(key.secret_multibase.encode())[4:56],
        key.secret_multibase.encode()[1:],
        key.secret_multibase.encode()[6:],
    )


def _everything(coop):
    """Read all of the database's files, what is not in the main one yet included."""
    main = Path(coop.database.settings.database.partition(":///")[2])
    return b"".join(one.read_bytes() for one in main.parent.glob(f"{main.name}*"))
