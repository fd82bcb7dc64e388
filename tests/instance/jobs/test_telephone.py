"""A customer's request by telephone: little to type, marked with who took it, and logged."""

from __future__ import annotations

import re

from instance.jobs import service as jobs
from instance.jobs import telephone
from instance.transparency import service as transparency

CALL = {
    "customer": "Madam Ho",
    "customer_phone": "9876 5432",
    "shifts.0.openings.0.skill": "home-carer",
    "shifts.0.openings.0.count": "1",
    "shifts.0.day": "2027-01-09",
    "shifts.0.start": "09:00",
    "shifts.0.end": "12:00",
    "address": "Flat 8, Sunny House",
    "district": "Sha Tin",
    "pay": "70",
    "worker_percent": "100",
    "audience": "members",
}


async def posted(care):
    async with care.database.reading() as tx:
        return await jobs.jobs(tx, care.group)


async def test_a_request_becomes_a_job_marked_as_taken_by_whom_and_logged(care):
    browser = await care.browser(care.leader)
    status, headers, _ = await browser.ask("/jobs/by-telephone", CALL)
    (job,) = await posted(care)

    assert (status, headers["Location"]) == (303, f"/jobs/{job.token}")
    assert (job.title, job.customer, job.audience.value) == ("Home carer", "Madam Ho", "members")
    _, _, page = await browser.ask(f"/jobs/{job.token}")
    assert "Asked for by telephone, taken by Chan Mei Ling" in page
    member = await care.browser(care.member)
    _, _, hers = await member.ask(f"/jobs/{job.token}")
    assert "by telephone" not in hers
    async with care.database.reading() as tx:
        noted = await transparency.entries(tx, limit=5)
    assert [(one.kind, one.by) for one in noted if one.kind == "jobs.by_telephone"] == [
        ("jobs.by_telephone", care.leader)
    ]


async def test_the_form_begins_with_what_was_wanted_last_time(care):
    browser = await care.browser(care.leader)
    await browser.ask("/jobs/by-telephone", CALL)
    (job,) = await posted(care)
    _, _, fresh = await browser.ask("/jobs/by-telephone")
    assert f'href="/jobs/by-telephone?from={job.token}"' in fresh
    assert re.search(r'name="pay"[^>]*value="70', fresh)

    _, _, again = await browser.ask(f"/jobs/by-telephone?from={job.token}")
    for words in ("Madam Ho", "9876 5432", "Flat 8, Sunny House", "09:00", "12:00", "Home carer"):
        assert words in again


async def test_what_is_refused_keeps_what_was_typed_and_names_the_field(care):
    browser = await care.browser(care.leader)
    status, _, page = await browser.ask("/jobs/by-telephone", {**CALL, "shifts.0.day": "soon"})

    assert status == 422
    assert 'id="error-shifts.0.day"' in page
    assert "Madam Ho" in page
    assert await posted(care) == []


async def test_nobody_but_a_leader_takes_requests_or_sees_who_rang(care):
    member = await care.browser(care.member)

    assert (await member.ask("/jobs/by-telephone"))[0] == 404
    assert (await member.ask("/jobs/by-telephone", CALL))[0] in {404, 422}
    assert await posted(care) == []


async def test_customers_are_offered_once_each_and_no_more_than_a_few(care):
    for number in range(10):
        await care.post(customer=f"Customer {number}")
    await care.post(customer="Customer 3")
    async with care.database.reading() as tx:
        page, last = await telephone.telephone_page(tx, care.viewer())

    called = [one.customer for one in page.callers]
    assert len(called) == len(set(called)) == telephone.OFFERED
    assert last is not None
