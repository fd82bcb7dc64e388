"""Forms, JSON and answers: one shape in, one shape out."""

from __future__ import annotations

import msgspec
import pytest
from aiohttp import web

from instance.errors import Invalid
from instance.web import read, unfold


def test_dotted_names_unfold_into_lists_and_empty_fields_are_left_out():
    posted = {
        "title": "Clean-up",
        "note": "",
        "shifts.1.start": "13:00",
        "shifts.0.start": "08:00",
        "shifts.0.openings.0.count": "2",
        "csrf": "x",
    }

    assert unfold(posted) == {
        "title": "Clean-up",
        "shifts": [{"start": "08:00", "openings": [{"count": "2"}]}, {"start": "13:00"}],
    }


def test_fields_that_contradict_each_other_are_refused():
    with pytest.raises(Invalid):
        unfold({"a": "1", "a.b": "2"})


class Form(msgspec.Struct):
    title: str
    places: int = 1


async def posted(aiohttp_client, **sent):
    async def handle(request):
        try:
            form = await read(request, Form)
        except Invalid as error:
            return web.json_response({"field": error.field, "text": str(error)}, status=422)
        return web.json_response(msgspec.to_builtins(form))

    app = web.Application()
    app.router.add_post("/", handle)
    client = await aiohttp_client(app)
    answer = await client.post("/", **sent)
    return answer.status, await answer.json()


async def test_a_form_and_json_fill_the_same_struct(aiohttp_client):
    wanted = (200, {"title": "Job", "places": 3})

    assert await posted(aiohttp_client, data={"title": "Job", "places": "3"}) == wanted
    assert await posted(aiohttp_client, json={"title": "Job", "places": 3}) == wanted


async def test_json_is_read_strictly_and_the_wrong_field_is_named(aiohttp_client):
    status, problem = await posted(aiohttp_client, json={"title": "Job", "places": "3"})

    assert (status, problem["field"]) == (422, "places")


async def test_a_body_that_is_no_json_object_is_refused(aiohttp_client):
    status, _ = await posted(aiohttp_client, json=["a"])

    assert status == 422
