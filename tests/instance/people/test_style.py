"""The page of our design: every macro is there, and every colour can be read."""

from __future__ import annotations

import re

import pytest

from instance.pages import templates_folder
from instance.people.routes import style

EXAMPLES = templates_folder() / "about" / "style"


@pytest.mark.parametrize("name", ["ui", "forms"])
def test_every_macro_of_the_small_parts_and_of_forms_is_shown(name):
    macros = (templates_folder() / f"macros/{name}.html").read_text()
    pages = [templates_folder() / "about/style.html", *EXAMPLES.glob("*.html")]
    shown = {one for page in pages for one in re.findall(rf"\b{name}\.(\w+)\(", page.read_text())}
    known = set(re.findall(r"macro ([a-z]\w*)\(", macros))
    assert known, "the pattern finds macros"
    assert known - shown == set()


def test_a_dozen_parts_are_shown_with_the_call_that_makes_them():
    assert len(list(EXAMPLES.glob("*.html"))) >= 15


@pytest.mark.parametrize("one", style.pairs(), ids=lambda one: f"{one.ink} on {one.ground}")
def test_text_can_be_read_on_its_ground_in_both_schemes(one):
    assert one.light >= 4.5
    assert one.dark >= 4.5


def test_contrast_is_measured_as_the_guidelines_define_it():
    assert style.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert style.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("language", ["en", "zh-HK", "ar"])
async def test_the_design_is_shown_to_whoever_builds_pages(coop, language):
    page = await (await coop.browser()).get("/style", **{"Accept-Language": language})
    assert page.status == 200
    assert "{{ ui.button(" in page.text.replace("&#34;", '"')
    assert ('dir="rtl">' in page.text.partition("<head>")[0]) == (language == "ar")
