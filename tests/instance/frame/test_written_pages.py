"""How pages are written: macros are made ready once, moments are written once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

from aiohttp.test_utils import make_mocked_request

from instance import pages as module
from instance.language import Writer
from instance.pages import Pages
from instance.settings import Settings


def settings():
    return Settings(origin="https://care.test", name="Care", database="sqlite+aiosqlite://")


def test_a_file_of_macros_is_made_ready_once_for_each_page(monkeypatch):
    made = []
    plainly = module.jinja2.Template.make_module

    def counting(self, *given, **named):
        made.append(self.name)
        return plainly(self, *given, **named)

    monkeypatch.setattr(module.jinja2.Template, "make_module", counting)
    pages = Pages(settings())
    request = make_mocked_request("GET", "/about")
    for _ in range(2):
        made.clear()
        pages.render(request, "errors/error.html", csrf="token", **error())
        assert "macros/ui.html" in made
        assert len(made) == len(set(made))


def error():
    return {"problem": SimpleNamespace(status=404, title="Not found", detail="Nothing here.")}


def test_what_is_written_of_one_page_is_not_left_in_the_next():
    pages = Pages(settings())
    first, second = (
        pages.render(make_mocked_request("GET", path), "errors/error.html", csrf="", **error())
        for path in ("/one", "/two")
    )
    assert "one" in first
    assert first.replace("/one", "/two").replace("%2Fone", "%2Ftwo") == second


def test_equal_days_and_moments_are_told_apart():
    write = Writer("en", "Asia/Hong_Kong", "HKD").filters()
    midnight = datetime(2027, 1, 4, tzinfo=UTC)
    assert write["day"](date(2027, 1, 4)) == "Mon, 4 January"
    assert write["when"](midnight) == "Mon, 4 January 08:00"
    assert write["clock"](midnight) == write["clock"](midnight) == "08:00"
