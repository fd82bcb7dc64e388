"""Enquiries, polls, followed jobs and what is passed on: the pages fit a phone and a laptop."""

from __future__ import annotations

import pytest

from federation import PUBLIC
from instance.enquiries import service as enquiries
from instance.people import service as people
from instance.people import sessions
from tests.browser import LAPTOP, PHONE, browser
from tests.instance.enquiries.asking import asked, note, tell
from tests.instance.enquiries.test_offers import offer_on
from tests.instance.enquiries.test_offers import send as offer
from tests.instance.follows.test_following import follow
from tests.instance.follows.test_posts import a_note
from tests.instance.follows.test_posts import send as write
from tests.instance.jobs.commune import found
from tests.instance.polls.asking import answer, ask, send
from tests.journeys.screen import FITS, SMALL, THUMB


async def staged(world):
    """Let somebody ask, be answered, follow, and read; returns the co-op and its pages."""
    care, green = await found(world, "care"), await found(world, "green")
    remote = await world.remote()
    job, eve = await care.post(), remote.actor("eve")
    reply = note(remote, eve, reply_to=job, to=[PUBLIC, care.group])
    await tell(care, remote, "Create", eve, reply, signer=eve)
    await tell(care, remote, "Like", eve, job, signer=eve)
    mention = note(remote, eve, to=[care.group], number=2)
    await tell(care, remote, "Create", eve, mention, signer=eve)
    first = next(one for one in await asked(care) if one.job)
    await care.act(enquiries.answer, first.id, "Five minutes on foot.\n\nBring gloves.")
    await follow(care, green.group, care.leader, "Green Commune")
    theirs = await green.post(title="Night watch at the home")
    bob = remote.actor("bob")
    await offer(care, remote, offer_on(remote, bob, job), bob)
    offered = next(one for one in await asked(care) if one.other.startswith("bob"))
    await somebody_writes(care, remote)
    poll = await asked_of_all(care, remote, "Shall we open on Sundays?", ("Yes", "No"))
    await asked_of_all(care, remote, "Which tools do we lack?", ("Mops", "Tall ladders"), eve)
    await world.settle()
    elsewhere = theirs.replace(":", "%3A").replace("/", "%2F")
    return care, {
        "enquiries": "/enquiries",
        "enquiry": f"/enquiries/{first.id}",
        "offer": f"/enquiries/{offered.id}",
        "followed": "/jobs/followed",
        "posts": "/jobs/followed/posts",
        "job": f"/jobs/{job.rpartition('/')[2]}",
        "jobs": "/jobs",
        "elsewhere": f"/jobs/elsewhere?job={elsewhere}",
        "ask": f"/enquiries/new?job={elsewhere}",
        "polls": "/polls",
        "new poll": "/polls/new",
        "poll": poll.removeprefix(care.origin),
        "take-down": f"{poll.removeprefix(care.origin)}/take-down",
        "group": care.group.removeprefix(care.origin),
        "pass-on": f"/jobs/pass-on?job={elsewhere}",
    }


async def somebody_writes(care, remote):
    """Let a followed group write, in two languages, and pass on what somebody else wrote."""
    river = remote.actor("river", kind="Group")
    await follow(care, river, care.leader, "River Watch")
    for name, words in (("1", "<p>Assembly.</p><p>Bring your own cup.</p>"), ("2", "河邊清潔日")):
        written = a_note(remote, river, name, content=words)
        await write(care, remote, "Create", river, written)
    other = await care.world.remote("other")
    other.documents["/notes/3"] = a_note(other, other.actor("ana"), "3", content="")
    await write(care, remote, "Announce", river, f"{other.origin}/notes/3")


async def asked_of_all(care, remote, text, choices, voter=None):
    """Ask, and let somebody elsewhere answer; returns the poll's id."""
    poll = await ask(care, text=text, choices=choices, several=voter is not None)
    if voter:
        said = answer(remote, voter, poll, choices[1])
        await send(care, remote, "Create", voter, said, signer=voter)
    return poll


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
@pytest.mark.parametrize("language", ["en", "zh-HK"])
async def test_each_page_fits_and_has_targets_for_a_thumb(world, language, size):
    care, pages = await staged(world)
    async with care.database.transaction() as tx:
        spoken = "en" if language == "en" else "zh-Hant"
        await people.change_person(tx, care.leader, language=spoken)
        cookie = await sessions.start(tx, care.leader, "password", "test")

    async with browser(world, size=size, language=language) as context:
        await context.add_cookies(
            [{"name": "ayni_session", "value": cookie, "url": care.origin}],
        )
        page = await context.new_page()
        for name, path in pages.items():
            answer = await page.goto(f"{care.origin}{path}")
            assert answer is not None
            assert answer.status == 200, name
            assert await page.evaluate(FITS), name
            if size == PHONE:
                assert await page.evaluate(SMALL, THUMB) == [], name


@pytest.mark.browser
async def test_without_a_connection_nothing_that_was_entered_is_lost(world):
    care = await found(world, "care")
    async with care.database.transaction() as tx:
        cookie = await sessions.start(tx, care.leader, "password", "test")

    async with browser(world, size=PHONE) as context:
        await context.add_cookies(
            [{"name": "ayni_session", "value": cookie, "url": care.origin}],
        )
        page = await context.new_page()
        await page.goto(f"{care.origin}/polls/new")
        for name, words in (("text", "Tea?"), ("choices.0", "Yes"), ("choices.1", "No")):
            await page.fill(f"[name='{name}']", words)
        await context.set_offline(True)
        await page.get_by_role("button", name="Ask").click()
        await page.get_by_text("No connection.").wait_for()
        assert await page.input_value("[name='choices.1']") == "No"
        await context.set_offline(False)
        await page.get_by_role("button", name="Ask").click()
        await page.get_by_text("The question is on its way.").wait_for()
