"""Every refusal about labour names its clause and a way out, on pages and to programs, twice."""

from __future__ import annotations

import ast
import json
import re
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

import instance
from instance.alliances import service as alliances
from instance.errors import Conflict
from instance.jobs import service as jobs
from instance.language import translate
from instance.loans import service as loans
from instance.loans.refusals import REFUSALS, WAYS
from tests.instance.alliances.pair import TERMS, allied

BORROWER, LENDER = loans.Side.BORROWER, loans.Side.LENDER
HERE = Path(instance.__file__).parent
FILES = [*sorted((HERE / "loans").glob("*.py")), HERE / "alliances" / "terms.py"]


@pytest.fixture
async def green():
    """No stranger is needed here."""


@pytest.fixture
async def care():
    """Neither is a lone co-op."""


def raised(path):
    """Yield the code of each Conflict that a file raises, or None where one has no code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Conflict"), keywords=keywords):
                given = {one.arg: one.value for one in keywords}
                yield ast.literal_eval(given["code"]) if "code" in given else None


@pytest.mark.parametrize("path", FILES, ids=[one.name for one in FILES])
def test_every_refusal_has_a_code_with_a_clause_and_a_way_out(path):
    assert set(raised(path)) <= REFUSALS.keys()


@pytest.mark.parametrize("code", REFUSALS)
def test_both_are_said_in_both_languages(code):
    for sentence in (REFUSALS[code].clause, REFUSALS[code].way):
        assert sentence.endswith((".", "。"))
        assert translate("zh-Hant", sentence) != sentence


async def test_what_breaks_a_clause_is_refused_with_it_on_the_page_and_to_a_program(world):
    terms = msgspec.structs.replace(TERMS, minutes_limit_borrow=240)
    care, wash = await allied(world, terms)
    job = await care.post_job()
    page = f"/jobs/{job.token}/ask"
    until = re.search(r'name="until"[^>]* value="([^"]+)"', (await care.ask(page))[2])[1]
    asked = {"ally": wash.group, "until": until}

    status, _, text = await care.ask(page, asked | {"places.o1": "2"})
    assert status == 422
    assert "The clause on the limit: this is 8 hours, and the limit leaves 4." in text
    assert "Choose fewer places" in text

    status, _, text = await care.ask(page, json=asked | {"places": {"o1": 2}})
    problem = json.loads(text)
    assert (status, problem["code"]) == (409, "terms.minutes_limit")
    assert problem["detail"].startswith("The clause on the limit")
    assert problem["way"] == WAYS["terms.minutes_limit"]


async def test_a_refused_loan_shows_its_clause_to_both_sides(world):
    terms = msgspec.structs.replace(TERMS, minutes_limit_borrow=240)
    care, wash = await allied(world, terms)
    job = await care.post_job()
    opening = job.shifts[0].openings[0].iri
    until = job.shifts[0].start.replace(hour=0)
    ask = await care.act(loans.ask_ally, care.group, wash.group, job.iri, {opening: 1}, until)
    await world.settle()
    offer = await wash.act(loans.offer_loan, ask, {opening: 1})
    await care.act(an_hour_later, job)
    await world.settle()

    for coop, side in ((care, BORROWER), (wash, LENDER)):
        found = await coop.see(loans.loan, offer, side)
        assert (found.state, found.code) == ("refused", "ask.changed")
        _, _, text = await coop.ask(f"/loans/{found.id}")
        assert REFUSALS["ask.changed"].clause in text
        assert WAYS["ask.changed"] in text


async def an_hour_later(tx, viewer, job):

    shift, later = job.shifts[0], timedelta(hours=1)
    await jobs.move_shift(tx, viewer, shift.id, shift.start + later, shift.end + later)


async def test_who_was_an_ally_is_asked_in_vain_and_the_reason_is_said(world):
    care, wash = await allied(world)
    job = await care.post_job()
    opening, until = job.shifts[0].openings[0].iri, job.shifts[0].start
    (alliance,) = await care.act(alliances.alliances, care.group)
    await care.act(alliances.end, alliance.id)
    await world.settle()

    with pytest.raises(Conflict) as refused:
        await care.act(loans.ask_ally, care.group, wash.group, job.iri, {opening: 1}, until)

    assert refused.value.code == "terms.ended"
