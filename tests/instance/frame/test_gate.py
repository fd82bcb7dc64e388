"""Every answer carries the careful headers; every failure has one shape."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa


async def get(world, url, **headers):
    async with world.network.client() as client, client.get(url, headers=headers) as answer:
        return answer.status, answer.headers, await answer.text()


async def test_nothing_here_is_said_in_the_form_that_was_asked_for(world):
    care = await world.instance("care")

    status, headers, body = await get(world, f"{care.origin}/nowhere.json")
    assert (status, headers["Content-Type"]) == (404, "application/problem+json")
    problem = json.loads(body)
    assert (problem["title"], problem["code"]) == ("Not Found", "http_404")
    assert "Cookie" in headers["Vary"]
    assert headers["Cache-Control"] == "private, no-store"

    status, headers, body = await get(world, f"{care.origin}/nowhere", Accept="text/html")
    assert (status, headers.getone("Content-Type").partition(";")[0]) == (404, "text/html")
    assert "There is nothing here" in body


@pytest.mark.parametrize(("path", "status"), [("/sign-in/password", 413), ("/import", 401)])
async def test_a_body_is_as_large_as_what_it_asks_for_needs(world, path, status):
    care = await world.instance("care")
    data = {"text": "x" * 300_000}
    async with (
        world.network.client() as client,
        client.post(f"{care.origin}{path}", data=data) as answer,
    ):
        assert answer.status == status


async def test_a_body_whose_length_is_not_said_is_not_read(world):
    care = await world.instance("care")

    async def endless():
        yield b"username="

    async with (
        world.network.client() as client,
        client.post(f"{care.origin}/sign-in/password", data=endless()) as answer,
    ):
        assert answer.status == 411


async def test_the_error_page_speaks_chinese_to_a_chinese_browser(world):
    care = await world.instance("care")

    _, _, body = await get(
        world, f"{care.origin}/nowhere", **{"Accept": "text/html", "Accept-Language": "zh-HK"}
    )

    assert 'lang="zh-Hant-HK"' in body


@pytest.mark.parametrize("path", ["/actor", "/nowhere", "/.well-known/nodeinfo"])
async def test_every_answer_carries_the_careful_headers(world, path):
    care = await world.instance("care")

    _, headers, _ = await get(world, f"{care.origin}{path}")

    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_static_files_carry_their_hash_and_are_kept_for_a_year(world):
    care = await world.instance("care")
    _, _, page = await get(world, f"{care.origin}/nowhere", Accept="text/html")
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]

    status, headers, _ = await get(world, f"{care.origin}{path}")

    assert status == 200
    assert "immutable" in headers["Cache-Control"]


async def test_a_form_from_another_site_is_refused(world):
    care = await world.instance("care")

    async with world.network.client() as client:
        for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
            async with client.post(f"{care.origin}/sign-in", headers=headers) as answer:
                assert answer.status == 403


class Deadlock(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize(
    ("error", "times", "status"),
    [(Deadlock(), 2, 200), (Deadlock(), 9, 500), (ValueError("of another kind"), 1, 500)],
)
async def test_a_request_that_stood_against_another_is_handled_again(
    world, monkeypatch, error, times, status
):
    care = await world.instance("care")
    left = [sa.exc.DBAPIError("UPDATE x", {}, error)] * times
    view = care.database.reading

    def reading(*given, **named):
        if left:
            raise left.pop()
        return view(*given, **named)

    monkeypatch.setattr(care.database, "reading", reading)
    assert (await get(world, f"{care.origin}/jobs"))[0] == status
