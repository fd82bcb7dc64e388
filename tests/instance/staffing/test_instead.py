"""A leader fills a place with her own person that an ally has promised; both sides count alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance.errors import Conflict, NotFound
from instance.loans import service as loans
from instance.staffing import service as staffing
from tests.instance.staffing.stage import staff
from tests.staged import ally, coop, join, lend

BORROWER, LENDER = loans.Side.BORROWER, loans.Side.LENDER


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


class Pair:
    """A borrower with one own worker, and a lender with two, who lends for one opening."""

    def __init__(self, world, care, wash):
        self.world, self.care, self.wash = world, care, wash

    async def begin(self, start, *, wanted, lent):
        """Post a job and borrow places for it."""
        await ally(self.world, self.care, self.wash)
        [self.ana] = await staff(self.world, self.care, "ana")
        self.wei, self.xin = await staff(self.world, self.wash, "wei", "xin")
        self.opening = await self.care.opening(start, places=wanted)
        self.agreement = await lend(self.world, self.care, self.wash, self.opening, places=lent)

    async def ask_ana(self):
        """Ask the borrower's own worker instead."""
        self.invite = await self.care.invite(self.opening, self.ana, instead=self.agreement)
        await self.world.settle()

    async def name(self, person):
        """Let one of the lender's workers promise to come; returns her Invite."""
        invite = await self.wash.invite(self.opening, person, agreement=self.agreement)
        await self.world.settle()
        await self.wash.answer(invite, person)
        return invite

    async def half_confirmed(self):
        """Ask somebody of another home, and confirm her yes while that home is not reached."""
        green = await coop(self.world, "green")
        self.ana = await green.worker("gardenia")
        await join(self.world, green, self.care, self.ana)
        await self.ask_ana()
        back = self.world.network.vanish("green.test")
        await green.answer(self.invite, self.ana)
        await self.world.settle()
        return back

    async def line(self):
        """Return the opening as the borrower's board shows it."""
        job, _, _ = await self.care.shift(self.opening)
        [found] = await self.care.ask(staffing.job_board, job.iri)
        return found

    async def counts(self):
        """Return what each side counts: the loan's state and places, at both."""
        sides = [
            await self.care.ask(loans.loan, self.agreement, BORROWER),
            await self.wash.ask(loans.loan, self.agreement, LENDER),
        ]
        return [(one.state.value, [place.places for place in one.places]) for one in sides]

    async def apart(self, act):
        """Do something while neither server reaches the other."""
        names = [one.origin.removeprefix("http://") for one in (self.care, self.wash)]
        known = {name: self.world.network.vanish(name) for name in names}
        try:
            await act()
            await self.world.settle()
        finally:
            self.world.network.names.update(known)
        self.world.clock.advance(minutes=2)  # who was away is tried again
        await self.world.settle()


@pytest.fixture
async def pair(any_world):
    return Pair(any_world, await coop(any_world, "care"), await coop(any_world, "wash"))


async def test_when_her_promise_is_confirmed_the_ally_lends_one_fewer(pair, tomorrow):
    await pair.begin(tomorrow, wanted=3, lent=2)
    await pair.ask_ana()
    assert await pair.counts() == [("standing", [2])] * 2

    await pair.care.answer(pair.invite, pair.ana)
    await pair.world.settle()

    assert await pair.care.state(pair.invite) == "confirmed"
    assert await pair.counts() == [("standing", [2])] * 2  # one place was the group's own
    [bea] = await staff(pair.world, pair.care, "bea")
    pair.invite = await pair.care.invite(pair.opening, bea, instead=pair.agreement)
    await pair.world.settle()
    await pair.care.answer(pair.invite, bea)
    await pair.world.settle()

    assert await pair.care.state(pair.invite) == "confirmed"
    assert await pair.counts() == [("standing", [1])] * 2
    line = await pair.line()
    assert (line.confirmed, line.promised, line.open) == (2, 1, 0)


async def test_with_the_last_place_the_loan_is_over(pair, tomorrow):
    await pair.begin(tomorrow, wanted=1, lent=1)
    await pair.ask_ana()

    await pair.care.answer(pair.invite, pair.ana)
    await pair.world.settle()

    assert await pair.care.state(pair.invite) == "confirmed"
    assert [state for state, _ in await pair.counts()] == ["ended", "ended"]
    line = await pair.line()
    assert (line.confirmed, line.promised, line.open) == (1, 0, 0)


async def test_when_the_ally_names_somebody_first_she_is_not_needed(pair, tomorrow):
    await pair.begin(tomorrow, wanted=1, lent=1)
    await pair.ask_ana()

    named = await pair.name(pair.wei)
    await pair.world.settle()
    await pair.care.answer(pair.invite, pair.ana)
    await pair.world.settle()

    assert await pair.care.state(pair.invite) == "not needed"
    assert await pair.wash.state(named) == "confirmed"
    assert await pair.counts() == [("standing", [1])] * 2
    with pytest.raises(Conflict) as refused:
        await pair.care.invite(pair.opening, pair.ana, instead=pair.agreement)
    assert refused.value.code == "place.named"


@pytest.mark.parametrize("lent", [1, 2])
async def test_when_both_cross_the_one_whom_the_ally_names_is_called_off(pair, tomorrow, lent):
    await pair.begin(tomorrow, wanted=lent, lent=lent)
    kept = [await pair.name(pair.xin)] if lent == 2 else []
    await pair.world.settle()
    pair.world.clock.advance(minutes=1)
    await pair.ask_ana()
    asked = await pair.wash.invite(pair.opening, pair.wei, agreement=pair.agreement)
    await pair.world.settle()

    async def both_say_yes():
        await pair.care.answer(pair.invite, pair.ana)
        await pair.wash.answer(asked, pair.wei)

    await pair.apart(both_say_yes)

    assert await pair.care.state(pair.invite) == "confirmed"
    assert await pair.wash.state(asked) == "called off"
    assert await pair.wash.promised(asked) == "called off"
    assert [await pair.wash.state(one) for one in kept] == ["confirmed"] * len(kept)
    expected = ("ended", "ended") if lent == 1 else ("standing", "standing")
    assert tuple(state for state, _ in await pair.counts()) == expected
    if lent == 2:
        assert [places for _, places in await pair.counts()] == [[1], [1]]
    line = await pair.line()
    assert (line.confirmed, line.named, line.promised, line.open) == (1, lent - 1, 0, 0)


async def test_while_her_promise_is_on_its_way_a_name_for_her_place_waits(pair, tomorrow):
    await pair.begin(tomorrow, wanted=1, lent=1)
    back = await pair.half_confirmed()
    waiting = await pair.line()
    assert (waiting.confirming, waiting.promised, waiting.open) == (1, 0, 0)

    named = await pair.name(pair.wei)
    await pair.world.settle()
    assert await pair.wash.state(named) == "confirmed"
    assert await pair.care.named() == []
    pair.world.network.names["green.test"] = back
    pair.world.clock.advance(minutes=2)
    await pair.world.settle()

    assert await pair.care.state(pair.invite) == "confirmed"
    assert await pair.wash.state(named) == "called off"
    assert await pair.care.named() == []
    assert [state for state, _ in await pair.counts()] == ["ended", "ended"]


async def test_when_her_promise_never_comes_the_one_whom_the_ally_names_does(pair, tomorrow):
    await pair.begin(tomorrow, wanted=1, lent=1)
    await pair.half_confirmed()
    named = await pair.name(pair.wei)
    await pair.world.settle()

    pair.world.clock.now = (await pair.care.placement(pair.invite)).hold_until
    for _ in range(3):
        pair.world.clock.advance(minutes=30)
        await pair.world.settle()

    assert await pair.care.state(pair.invite) == "lost"
    assert await pair.wash.state(named) == "confirmed"
    [place] = await pair.care.named()
    assert (place.person, place.state) == (pair.wei, "named")
    assert await pair.counts() == [("standing", [1])] * 2


async def test_who_drops_out_afterwards_leaves_a_place_of_the_groups_own(pair, tomorrow):
    await pair.begin(tomorrow, wanted=1, lent=1)
    await pair.ask_ana()
    await pair.care.answer(pair.invite, pair.ana)
    await pair.world.settle()

    await pair.care.withdraw(pair.invite, pair.ana)
    await pair.world.settle()

    line = await pair.line()
    assert (line.confirmed, line.promised, line.open) == (0, 0, 1)


async def test_when_the_ally_takes_its_place_back_she_fills_the_groups_own(pair, tomorrow):
    await pair.begin(tomorrow, wanted=1, lent=1)
    await pair.ask_ana()
    offer = (await pair.wash.ask(loans.loan, pair.agreement, LENDER)).offer
    await pair.wash.lead(loans.take_back, offer)
    await pair.world.settle()

    await pair.care.answer(pair.invite, pair.ana)
    await pair.world.settle()

    assert await pair.care.state(pair.invite) == "confirmed"
    assert [state for state, _ in await pair.counts()] == ["ended", "ended"]
    line = await pair.line()
    assert (line.confirmed, line.open) == (1, 0)


async def test_only_the_agreement_that_has_such_a_place_is_filled_instead(pair, tomorrow):
    await pair.begin(tomorrow, wanted=1, lent=1)
    other = await pair.care.opening(tomorrow + timedelta(days=1))

    for opening, agreement in (
        (other, pair.agreement),
        (pair.opening, f"{pair.care.origin}/agreements/none"),
    ):
        with pytest.raises(NotFound):
            await pair.care.invite(opening, pair.ana, instead=agreement)
    with pytest.raises(Conflict):
        await pair.care.invite(pair.opening, pair.ana)
