"""Before a leader ends what binds two groups, the page says how many it concerns: never who."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance.alliances import service as alliances
from instance.loans import service as loans
from tests.instance.staffing.stage import Page, a_job, staff
from tests.staged import ally, coop, lend


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


class Standing:
    """A loan of two places: one worker of the lender has said yes, one was asked."""

    def __init__(self, world, care, wash):
        self.world, self.care, self.wash = world, care, wash

    async def begin(self, start):
        await ally(self.world, self.care, self.wash)
        self.wei, self.xin = await staff(self.world, self.wash, "wei", "xin")
        opening = await self.care.opening(start, places=3)
        self.agreement = await lend(self.world, self.care, self.wash, opening, places=2)
        yes, _ = [
            await self.wash.invite(opening, one, agreement=self.agreement)
            for one in (self.wei, self.xin)
        ]
        await self.world.settle()
        await self.wash.answer(yes, self.wei)
        await self.world.settle()

    async def page(self, coop, path):
        """Return a page and its JSON twin as the co-op's leader reads it."""
        browser = await Page(self.world, coop).of(coop.leader)
        return [(await browser.ask(one))[2] for one in (path, f"{path}.json")]

    async def loan(self, coop, side):
        """Return the address of the loan at one side."""
        return f"/loans/{(await coop.ask(loans.loan, self.agreement, side)).id}"

    async def alliance(self, coop):
        """Return the address of the alliance at one side."""
        (found,) = await coop.lead(alliances.alliances, coop.group)
        return f"/allies/{found.id}"


@pytest.fixture
async def standing(world, tomorrow):
    made = Standing(world, await coop(world, "care"), await coop(world, "wash"))
    await made.begin(tomorrow)
    return made


async def test_a_lender_reads_whom_taking_back_would_concern(standing):
    path = await standing.loan(standing.wash, loans.Side.LENDER)
    page, twin = await standing.page(standing.wash, path)

    assert "1 person of yours has said yes. Without a place she is called off" in page
    assert "1 was asked and has not answered." in page
    assert '"said_yes":1,"asked":1' in twin
    assert "Wei" not in page


async def test_a_borrower_reads_whom_ending_a_loan_would_concern(standing):
    path = await standing.loan(standing.care, loans.Side.BORROWER)
    page, _ = await standing.page(standing.care, path)

    assert "1 person of theirs has said yes. She will be called off and told at once." in page
    assert "For 1 place they are looking still, and stop." in page
    assert "wei" not in page.lower()


@pytest.mark.parametrize("who", ["care", "wash"])
async def test_both_allies_read_what_stays_when_their_alliance_ends(standing, who):
    mine = getattr(standing, who)
    page, _ = await standing.page(mine, await standing.alliance(mine))

    assert "2 places are promised between you, and stay promised." in page
    assert "1 person has said yes: she still comes, and her hours count." in page
    assert ("1 person was asked for such a place" in page) == (who == "wash")
    assert "wait for an answer" not in page


async def test_what_has_begun_concerns_nobody_any_more(standing, tomorrow):
    standing.world.clock.now = tomorrow + timedelta(minutes=1)

    page, twin = await standing.page(standing.wash, await standing.alliance(standing.wash))

    assert '"waiting":0,"places":0,"said_yes":0,"asked":0' in twin
    assert "stay promised" not in page


async def test_an_ask_says_what_becomes_of_its_places_before_it_is_taken_back(standing, tomorrow):
    care, wash = standing.care, standing.wash
    job = await a_job(care, tomorrow + timedelta(days=1), title="Moving week")
    opening = job.shifts[0].openings[0].iri
    until = job.shifts[0].start - timedelta(hours=1)
    await care.lead(loans.ask_ally, care.group, wash.group, job.iri, {opening: 1}, until)
    await standing.world.settle()

    for path in ("/allies/requests", f"/jobs/{job.token}/ask"):
        page, _ = await standing.page(care, path)
        assert "1 place is open in it: nobody is looked for there any more." in page
        assert "Take the ask back" in page
    for mine in (care, wash):
        page, _ = await standing.page(mine, await standing.alliance(mine))
        assert "1 ask or offer waits for an answer: nothing can come of it any more." in page
