"""The pages about loans: an ask is answered in three presses; balances stand on their page."""

from __future__ import annotations

import re

import pytest

from instance.ledger import service as ledger
from instance.loans import service as loans
from tests.instance.alliances.pair import allied

BORROWER, LENDER = loans.Side.BORROWER, loans.Side.LENDER


@pytest.fixture
async def green():
    """No stranger is needed here."""


@pytest.fixture
async def care():
    """Neither is a lone co-op."""


async def ask_by_form(care, wash):
    job = await care.post_job()
    status, _, page = await care.ask(f"/jobs/{job.token}/ask")
    assert status == 200
    until = re.search(r'name="until"[^>]* value="([^"]+)"', page)[1]
    fields = {"ally": wash.group, "places.o1": "2", "until": until}
    status, headers, page = await care.ask(f"/jobs/{job.token}/ask", fields)
    assert status == 303, re.findall(r'class="error".{200}|role="alert".{600}', page, re.DOTALL)
    assert (status, headers["Location"]) == (303, f"/jobs/{job.token}/ask")
    await care.world.settle()
    return job


async def test_an_ally_answers_an_ask_in_three_presses(world):
    care, wash = await allied(world)
    await wash.add_worker("suk_yee", "Ng Suk Yee")
    job = await ask_by_form(care, wash)

    _, _, page = await wash.ask("/allies/requests")
    card = re.search(r'href="(/allies/requests/\w{20})"', page)[1]
    status, _, page = await wash.ask(card)
    assert status == 200
    for words in ("Care Co-op asks", "Harbour Mutual", "never by the worker", "1 short"):
        assert words in page
    assert "free then with that skill: 1." in page
    status, headers, _ = await wash.ask(f"{card}/offer", {"places.0": "1"})
    assert status == 303
    assert (await wash.ask(headers["Location"]))[0] == 200
    await world.settle()

    every = await care.see(loans.loans, care.group, BORROWER, tuple(loans.LoanState))
    assert [one.code for one in every] == [""]
    _, _, page = await care.ask("/allies/requests")
    accept = re.search(r'action="(/loans/\w{20}/accept)"', page)[1]
    status, headers, _ = await care.ask(accept, {})
    assert status == 303
    await world.settle()
    status, _, page = await care.ask(headers["Location"])
    assert "Names come after each yes" in page
    (lent,) = await wash.see(loans.lent_openings, wash.group)
    assert lent.job == job.iri
    for coop in (care, wash):
        assert "Ng Suk Yee" not in (await coop.ask("/allies/requests"))[2]


async def test_what_was_answered_is_asked_no_longer(world):
    care, wash = await allied(world)
    job = await ask_by_form(care, wash)
    (ask,) = await wash.see(loans.asks, wash.group, LENDER)
    opening = ask.places[0].opening
    card = f"/allies/requests/{ask.id}"

    await wash.act(loans.offer_loan, ask.iri, {opening: 1})
    await world.settle()
    assert 'max="1"' in (await wash.ask(card))[2], "one is left to offer"
    assert card in (await wash.ask("/allies/requests"))[2]

    await wash.act(loans.offer_loan, ask.iri, {opening: 1})
    await world.settle()
    assert "You have offered all that was asked for." in (await wash.ask(card))[2]
    for coop, address in ((wash, card), (care, f"/jobs/{job.token}/ask")):
        assert address not in (await coop.ask("/allies/requests"))[2]
    page = (await care.ask(f"/jobs/{job.token}/ask"))[2]
    assert "Take it back" not in page


async def test_allies_are_asked_for_what_is_open_and_was_not_asked_for_yet(world):
    care, wash = await allied(world)
    job = await care.post_job(places=3)
    page, asks = f"/jobs/{job.token}/ask", {"ally": wash.group, "places.o1": "2"}

    def begins_with(text):
        return re.search(r'name="places.o1"[^>]* value="(\d+)"', text)[1]

    _, _, text = await care.ask(page)
    assert begins_with(text) == "3"
    assert begins_with((await care.ask(f"{page}?o1=2"))[2]) == "2"
    assert begins_with((await care.ask(f"{page}?o1=99"))[2]) == "3"
    until = re.search(r'name="until"[^>]* value="([^"]+)"', text)[1]
    assert (await care.ask(page, asks | {"until": until}))[0] == 303
    assert begins_with((await care.ask(page))[2]) == "1"
    staffing = (await care.ask(f"/jobs/{job.token}/staffing"))[2]
    assert "allies were asked for 2 and have not answered" in staffing
    assert f"{page}?o1=3" in staffing.replace("&amp;", "&")


async def test_an_offer_that_breaks_a_clause_says_so_on_the_page(world):
    care, wash = await allied(world)
    await ask_by_form(care, wash)
    (ask,) = await wash.see(loans.asks, wash.group, LENDER)

    status, _, page = await wash.ask(f"/allies/requests/{ask.id}/offer", {"places.0": "9"})

    assert status == 422
    assert "More places are offered than were asked for." in page


async def test_a_lender_takes_back_by_a_form(world):
    care, wash = await allied(world)
    await ask_by_form(care, wash)
    (ask,) = await wash.see(loans.asks, wash.group, LENDER)
    offer = await wash.act(loans.offer_loan, ask.iri, {ask.places[0].opening: 2})
    await world.settle()
    await care.act(loans.accept_loan, offer)
    await world.settle()
    lent = await wash.see(loans.loan, offer, LENDER)

    fields = {"places.0": "1", "reason": "One is ill."}
    status, _, _ = await wash.ask(f"/loans/{lent.id}/take-back", fields)
    await world.settle()

    assert status == 303
    assert await care.see(loans.promised_places, ask.places[0].opening) == 1


async def test_a_loan_says_where_its_people_are_and_when_it_is_over(world):
    care, wash = await allied(world)
    job = await ask_by_form(care, wash)
    (ask,) = await wash.see(loans.asks, wash.group, LENDER)
    offer = await wash.act(loans.offer_loan, ask.iri, {ask.places[0].opening: 2})
    await world.settle()
    await care.act(loans.accept_loan, offer)
    await world.settle()
    sides = [
        (coop, f"/loans/{(await coop.see(loans.loan, offer, side)).id}", people)
        for coop, side, people in (
            (care, BORROWER, f"/jobs/{job.token}/staffing"),
            (wash, LENDER, "/staffing"),
        )
    ]
    for coop, loan, people in sides:
        page = (await coop.ask(loan))[2]
        assert people in page
        assert 'name="reason"' in page

    world.clock.now = ask.places[0].end
    for coop, loan, people in sides:
        page = (await coop.ask(loan))[2]
        assert "This work is over" in page
        assert people in page
        assert 'name="reason"' not in page


async def test_strangers_to_a_loan_see_nothing_of_it(world):
    care, wash = await allied(world)
    job = await ask_by_form(care, wash)
    (theirs,) = await wash.see(loans.asks, wash.group, LENDER)
    (ours,) = await care.see(loans.asks, care.group, BORROWER)

    assert (await care.ask(f"/allies/requests/{theirs.id}"))[0] == 404
    assert (await care.ask(f"/allies/requests/{ours.id}"))[0] == 404
    assert (await wash.ask(f"/jobs/{job.token}/ask"))[0] == 404
    assert (await wash.ask(f"/asks/{theirs.id}/withdraw", {}))[0] == 404


async def test_balances_are_drawn_and_taken_away_as_a_file(world):
    care, wash = await allied(world)
    async with care.database.transaction() as tx:
        for number, minutes in enumerate((120, 240, 90)):
            cause = f"http://home.test/events/{number}"
            await ledger.post(tx, cause, care.group, wash.group, minutes, "minutes", tx.now)

    status, _, page = await care.ask("/balances")
    _, headers, text = await care.ask("/balances/accounts.history.csv")

    assert (status, "we owe" in page, "7 h 30" in page) == (200, True, True)
    assert "<svg" in page
    assert headers["Content-Type"].startswith("text/csv")
    assert len(text.strip().splitlines()) == 4
    assert "-450" in text


async def test_the_page_that_asks_shows_rough_numbers_as_of_their_hour(world):
    care, wash = await allied(world)
    await wash.add_worker("suk_yee", "Ng Suk Yee")
    job = await care.post_job()
    page = f"/jobs/{job.token}/ask?o1=2"

    status, headers, _ = await care.ask("/allies/refresh", {"back": page})

    assert (status, headers["Location"]) == (303, page)
    _, _, text = await care.ask(page)
    assert "Wash Co-op has 1–2 people for home care before noon" in text  # noqa: RUF001
    assert "Suk Yee" not in text
    for away in ("//evil.test", "https://evil.test", "/\\evil.test"):
        _, headers, _ = await care.ask("/allies/refresh", {"back": away})
        assert headers["Location"] == "/allies"
