"""Labour is asked of an ally, lent, changed and given back; both sides agree at every step."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from instance.alliances import service as alliances
from instance.errors import Conflict, NotFound
from instance.jobs import service as jobs
from instance.ledger import service as ledger
from instance.loans import service as loans
from tests.instance.alliances.pair import TERMS, allied, found

BORROWER, LENDER = loans.Side.BORROWER, loans.Side.LENDER


def first_opening(job):
    return job.shifts[0].openings[0].iri


async def asked(borrower, lender, job, places=2):
    until = job.shifts[0].start - timedelta(hours=12)
    ask = await borrower.act(
        loans.ask_ally,
        borrower.group,
        lender.group,
        job.iri,
        {first_opening(job): places},
        until,
    )
    await borrower.world.settle()
    return ask


async def lent(borrower, lender, job, places=2, asked_for=2):
    ask = await asked(borrower, lender, job, asked_for)
    offer = await lender.act(loans.offer_loan, ask, {first_opening(job): places})
    await borrower.world.settle()
    await borrower.act(loans.accept_loan, offer)
    await borrower.world.settle()
    return offer


async def sides(borrower, lender, iri):
    return (
        await borrower.see(loans.loan, iri, BORROWER),
        await lender.see(loans.loan, iri, LENDER),
    )


async def left(coop, other, direction):
    return await coop.see(loans.minutes_left, coop.group, other.group, direction)


async def test_an_ask_reaches_one_ally_with_places_and_exact_hours(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job(places=3)

    ask = await asked(care, wash, job)

    ours, theirs = await care.see(loans.ask, ask, BORROWER), await wash.see(loans.ask, ask, LENDER)
    assert theirs.places == ours.places
    assert (theirs.places[0].start, theirs.places[0].end) == (
        job.shifts[0].start,
        job.shifts[0].end,
    )
    assert (theirs.title, theirs.minutes, theirs.rate_cents_per_hour) == (job.title, 480, 7_500)
    assert (theirs.job_updated, theirs.ally_name) == (job.updated, "Care Co-op")


async def test_places_are_offered_accepted_and_promised(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    opening = first_opening(job)
    assert (await left(care, wash, "borrow"), await left(wash, care, "lend")) == (1800, 1800)

    offer = await lent(care, wash, job)

    ours, theirs = await sides(care, wash, offer)
    assert (ours.state, theirs.state) == ("standing", "standing")
    assert ours.agreement == theirs.agreement
    assert ours.agreement.startswith(care.origin)
    assert await care.see(loans.promised_places, opening) == 2
    (place,) = await wash.see(loans.lent_openings, wash.group)
    assert (place.opening, place.places, place.borrower) == (opening, 2, care.group)
    assert (place.pay_cents_per_hour, place.agreement) == (7_500, ours.agreement)
    assert (await left(care, wash, "borrow"), await left(wash, care, "lend")) == (1320, 1320)


async def test_an_offer_is_refused_by_a_leader(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    ask = await asked(care, wash, job)
    offer = await wash.act(loans.offer_loan, ask, {first_opening(job): 1})
    await any_world.settle()

    await care.act(loans.refuse_loan, offer, "We found somebody.")
    await any_world.settle()

    ours, theirs = await sides(care, wash, offer)
    assert (ours.state, theirs.state) == ("refused", "refused")
    assert (theirs.code, theirs.reason) == ("loan.refused", "We found somebody.")


async def test_the_borrower_gives_back_a_place_it_fills_itself(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    offer = await lent(care, wash, job)

    await care.act(loans.shrink_loan, offer, first_opening(job))
    await any_world.settle()

    ours, theirs = await sides(care, wash, offer)
    assert ours.places == theirs.places
    assert ours.places[0].places == 1
    assert (await left(care, wash, "borrow"), await left(wash, care, "lend")) == (1560, 1560)


async def test_with_the_last_place_a_loan_ends(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    offer = await lent(care, wash, job)

    await care.act(loans.shrink_loan, offer, first_opening(job), by=2)
    await any_world.settle()

    assert [one.state for one in await sides(care, wash, offer)] == ["ended", "ended"]
    assert await care.see(loans.promised_places, first_opening(job)) == 0
    assert await wash.see(loans.lent_openings, wash.group) == []


async def test_a_moved_shift_moves_the_agreement(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    offer = await lent(care, wash, job)
    start, end = job.shifts[0].start + timedelta(hours=2), job.shifts[0].end + timedelta(hours=3)

    await care.act(jobs.move_shift, job.shifts[0].id, start, end)
    await any_world.settle()

    ours, theirs = await sides(care, wash, offer)
    assert ours.places == theirs.places
    assert (theirs.places[0].start, theirs.places[0].end) == (start, end)
    assert await left(wash, care, "lend") == 1800 - 2 * 300


async def test_a_shift_cannot_be_moved_beyond_the_limit(any_world):
    terms = msgspec.structs.replace(TERMS, minutes_limit_borrow=480)
    care, wash = await allied(any_world, terms)
    job = await care.post_job()
    offer = await lent(care, wash, job)
    shift = job.shifts[0]

    with pytest.raises(Conflict) as refused:
        await care.act(jobs.move_shift, shift.id, shift.start, shift.end + timedelta(hours=1))

    assert refused.value.code == "terms.minutes_limit"
    assert (await care.see(jobs.require_job, job.iri)).shifts == job.shifts
    assert (await sides(care, wash, offer))[0].places[0].end == shift.end


async def test_a_shift_that_is_called_off_ends_the_loan(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    offer = await lent(care, wash, job)

    await care.act(jobs.call_off_shift, job.shifts[0].id)
    await any_world.settle()

    assert [one.state for one in await sides(care, wash, offer)] == ["ended", "ended"]


async def test_a_changed_job_changes_what_is_asked(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    ask = await asked(care, wash, job)
    start, end = job.shifts[0].start + timedelta(hours=1), job.shifts[0].end + timedelta(hours=1)

    await care.act(jobs.move_shift, job.shifts[0].id, start, end)
    await any_world.settle()

    theirs = await wash.see(loans.ask, ask, LENDER)
    assert (theirs.places[0].start, theirs.places[0].end) == (start, end)
    assert theirs.job_updated == (await care.see(jobs.require_job, job.iri)).updated
    offer = await wash.act(loans.offer_loan, ask, {first_opening(job): 1})
    await any_world.settle()
    assert (await care.see(loans.loan, offer, BORROWER)).state == "offered"


async def test_a_lender_takes_a_place_back_while_the_notice_is_kept(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    opening = first_opening(job)
    offer = await lent(care, wash, job)
    agreement = (await care.see(loans.loan, offer, BORROWER)).agreement

    await wash.act(loans.take_back, offer, {opening: 1}, "One is ill.")
    await any_world.settle()

    ours, theirs = await sides(care, wash, agreement)
    assert (ours.state, theirs.state) == ("standing", "standing")
    assert (ours.offer, ours.replaces) == (theirs.offer, offer)
    assert (ours.agreement, theirs.agreement) == (agreement, agreement)
    assert await care.see(loans.promised_places, opening) == 1
    assert [one.places for one in await wash.see(loans.lent_openings, wash.group)] == [1]
    assert (await left(care, wash, "borrow"), await left(wash, care, "lend")) == (1560, 1560)


async def test_after_the_notice_a_lender_no_longer_takes_back(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    offer = await lent(care, wash, job)
    any_world.clock.now = job.shifts[0].start - timedelta(hours=11)

    with pytest.raises(Conflict) as refused:
        await wash.act(loans.take_back, offer)

    assert refused.value.code == "terms.notice"
    assert "12 hours" in str(refused.value)


async def test_either_side_ends_a_loan(any_world):
    care, wash = await allied(any_world)
    job, other = await care.post_job(), await care.post_job(days=6)
    ended_by_borrower, ended_by_lender = (
        await lent(care, wash, job),
        await lent(care, wash, other),
    )

    await care.act(loans.end_loan, ended_by_borrower, "Not needed.")
    await wash.act(loans.take_back, ended_by_lender)
    await any_world.settle()

    for offer in (ended_by_borrower, ended_by_lender):
        assert [one.state for one in await sides(care, wash, offer)] == ["ended", "ended"]
    assert (await left(care, wash, "borrow"), await left(wash, care, "lend")) == (1800, 1800)


async def test_an_ask_taken_back_is_answered_no_more(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    ask = await asked(care, wash, job)

    await care.act(loans.withdraw_ask, ask)
    await any_world.settle()

    with pytest.raises(Conflict) as refused:
        await wash.act(loans.offer_loan, ask, {first_opening(job): 1})
    assert refused.value.code == "ask.withdrawn"


async def test_worked_hours_move_from_the_promise_to_the_balance(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    offer = await lent(care, wash, job)
    agreement = (await care.see(loans.loan, offer, BORROWER)).agreement
    any_world.clock.advance(days=6)

    for coop, side in ((care, BORROWER), (wash, LENDER)):
        async with coop.database.transaction() as tx:
            await ledger.post(tx, offer, care.group, wash.group, 240, "minutes", tx.now)
            await loans.mark_worked(tx, agreement, first_opening(job), side)

    for coop, other, direction in ((care, wash, "borrow"), (wash, care, "lend")):
        assert await left(coop, other, direction) == 1800 - 240 - 240
    assert await care.see(ledger.balance, care.group, wash.group) == -240
    assert await wash.see(ledger.balance, wash.group, care.group) == 240


async def test_only_allies_are_asked(any_world):
    care, green = await found(any_world, "care"), await found(any_world, "green")
    job = await care.post_job()

    with pytest.raises(NotFound):
        await asked(care, green, job)


async def test_no_word_about_a_loan_names_a_worker(any_world):
    care, wash = await allied(any_world)
    worker = await wash.add_worker("suk_yee", "Ng Suk Yee")
    job = await care.post_job()
    any_world.clock.now = job.shifts[0].start - timedelta(days=2)
    offer = await lent(care, wash, job)
    await wash.act(loans.take_back, offer, {first_opening(job): 1})
    await any_world.settle()

    tables = care.database.store.inbox.tables
    async with care.database.reading() as tx:
        said = [
            bytes(row.body)
            for table in (tables.inbox, tables.outbox)
            for row in await tx.session.execute(table.select())
        ]
    assert len(said) >= 8
    for one in said:
        for name in (worker, "suk_yee", "Ng Suk Yee"):
            assert name.encode() not in one


async def test_what_was_borrowed_is_not_lent_on(any_world):
    care, wash = await allied(any_world)
    job = await care.post_job()
    await lent(care, wash, job)
    green = await found(any_world, "green")
    await wash.act(alliances.offer, wash.group, green.group, TERMS)
    await any_world.settle()
    (offered,) = await green.act(alliances.alliances, green.group)
    await green.act(alliances.accept, offered.id)
    await any_world.settle()

    with pytest.raises(Conflict) as refused:
        await asked(wash, green, job)

    assert refused.value.code == "terms.one_hop"
