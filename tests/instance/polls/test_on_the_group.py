"""A group's page leads whoever may see them to its questions, those that are over page by page."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from instance.polls import service
from tests.instance.jobs.commune import found
from tests.instance.polls.asking import ask


async def page_of(care, person=None, query=""):
    """Read the group's page as JSON, as somebody or as a visitor."""
    browser = await care.browser(person)
    status, _, text = await browser.ask(f"{care.group}.json{query}")
    assert status == 200
    return msgspec.json.decode(text)


def texts(questions):
    return [one["text"] for one in questions]


@pytest.fixture
async def asked(care):
    """Three open questions, one of them for members, and one that is over; returns their ids."""
    return {
        "over": await ask(care, text="Tea?", ends=care.now + service.SHORTEST),
        "later": await ask(care, text="Coffee?", ends=care.now + service.LONGEST),
        "open": await ask(care, text="Milk?"),
        "members": await ask(care, text="Sugar?", public=False, ends=care.now + timedelta(days=1)),
    }


async def test_visitors_find_what_is_for_everybody_and_members_the_rest(care, asked):
    care.world.clock.advance(minutes=6)
    await care.world.settle()
    visitor = await page_of(care)
    assert texts(visitor["open_questions"]) == ["Milk?", "Coffee?"]
    assert texts(visitor["past_questions"]) == ["Tea?"]
    for person in (care.member, care.leader):
        seen = await page_of(care, person)
        assert sorted(texts(seen["open_questions"])) == ["Coffee?", "Milk?", "Sugar?"]
    stranger = await found(care.world, "green")
    assert texts((await page_of(stranger))["open_questions"]) == []

    text = (await (await care.browser()).ask(care.group))[2]
    assert f'href="{asked["open"].removeprefix(care.origin)}"' in text
    assert "Sugar?" not in text
    status, _, text = await (await care.browser()).ask(f"{care.group}/past_questions.csv")
    assert (status, "Tea?" in text, "Sugar?" in text) == (200, True, False)


async def test_what_is_over_is_turned_page_by_page(care, asked, monkeypatch):
    monkeypatch.setattr("instance.polls.reading.PAGE", 2)
    care.world.clock.advance(days=32)
    await care.world.settle()
    first = await page_of(care, care.member)
    assert (texts(first["past_questions"]), first["pages"]) == (["Coffee?", "Milk?"], 2)
    assert (first["page"], first["total"]) == (1, 4)
    for number in ("2", "99"):
        last = await page_of(care, care.member, f"?page={number}")
        assert (texts(last["past_questions"]), last["page"]) == (["Sugar?", "Tea?"], 2)
    assert (await page_of(care, None, "?page=²"))["total"] == 3
    text = (await (await care.browser(care.member)).ask(f"{care.group}/past_questions.csv"))[2]
    assert text.count("?") == 4


async def test_a_group_that_asks_nothing_says_so_and_leads_its_leader_to_the_form(care):
    visitor = (await (await care.browser()).ask(care.group))[2]
    assert "No question yet" in visitor
    leader = await care.browser(care.leader)
    form = f"/polls/new?group={care.group.rpartition('/')[2]}"
    assert form in (await leader.ask(care.group))[2]
    assert (await leader.ask(form))[0] == 200


async def test_an_answer_on_the_questions_own_page_leads_back_to_it(care, asked):
    member, path = await care.browser(care.member), asked["open"].removeprefix(care.origin)
    assert 'name="stay"' in (await member.ask(path))[2]
    fields = {"poll": asked["open"], "choices[]": "1", "stay": "true"}
    status, headers, _ = await member.ask("/polls/vote", fields)
    assert (status, headers["Location"]) == (303, path)
