"""Leaders answer and close enquiries; people ask groups of other co-ops and read the answer."""

from __future__ import annotations

import pytest

from instance.enquiries import service
from instance.enquiries.models import EnquiryState
from instance.errors import Invalid, NotFound
from tests.instance.enquiries.asking import asked, note, tell
from tests.instance.jobs.commune import found, join


@pytest.fixture
async def question(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    await tell(care, remote, "Create", eve, note(remote, eve, reply_to=job), signer=eve)
    [waiting] = await asked(care)
    return waiting


def heard_by(remote, kind="Create"):
    return [one for one in remote.received if one["type"] == kind]


async def test_an_answer_goes_to_who_asked_alone_as_a_direct_message(care, remote, question):
    await care.act(service.answer, question.id, "Yes <3\nfive minutes\n\nBring gloves.")
    await care.world.settle()

    [create] = heard_by(remote)
    said, eve = create["object"], question.asker
    assert (create["actor"], create["to"], said["to"]) == (care.group, [eve], [eve])
    assert said["inReplyTo"] == question.lines[0].iri
    assert said["tag"] == [{"type": "Mention", "href": eve, "name": f"@{question.other}"}]
    assert said["content"].endswith("Yes &lt;3<br>five minutes</p><p>Bring gloves.</p>")
    assert said["contentMap"] == {"en": said["content"]}
    assert (await asked(care))[0].state is EnquiryState.ANSWERED


async def test_an_answer_can_be_fetched_by_its_reader_and_by_nobody_else(care, remote, question):
    await care.act(service.answer, question.id, "Yes")
    await care.world.settle()
    iri, bob = heard_by(remote)[0]["object"]["id"], remote.actor("bob")

    assert (await remote.get(iri, signer=question.asker))[1]["id"] == iri
    assert (await remote.get(iri, signer=bob))[0] == 404
    assert (await remote.get(iri))[0] == 404
    assert (await remote.get(f"{care.origin}/notes/{'a' * 20}", signer=bob))[0] == 404


async def test_a_reply_to_the_answer_goes_on_where_it_belongs(care, remote, question):
    await care.act(service.answer, question.id, "Yes")
    await care.world.settle()
    iri, eve = heard_by(remote)[0]["object"]["id"], question.asker
    thanks = note(remote, eve, reply_to=iri, to=[care.group], number=2)
    await tell(care, remote, "Create", eve, thanks, signer=eve)

    [again] = await asked(care)
    assert [one.by_group for one in again.lines] == [False, True, False]
    assert again.state is EnquiryState.WAITING


async def test_a_closed_enquiry_opens_again_when_more_is_asked(care, remote, question):
    await care.act(service.close, question.id)
    assert (await asked(care))[0].state is EnquiryState.CLOSED
    more = note(remote, question.asker, reply_to=question.job, number=2)
    await tell(care, remote, "Create", question.asker, more, signer=question.asker)
    assert (await asked(care))[0].state is EnquiryState.WAITING


async def test_only_leaders_of_the_group_read_answer_and_close(care, question):
    stranger = care.viewer(care.member)
    assert await asked(care, stranger) == ()
    for act, given in ((service.read_enquiry, ()), (service.answer, ("Hm",)), (service.close, ())):
        with pytest.raises(NotFound):
            await care.act(act, question.id, *given, viewer=stranger)


@pytest.mark.parametrize("text", ["  ", "x" * 5001])
async def test_an_answer_says_something_of_ordinary_length(care, question, text):
    with pytest.raises(Invalid):
        await care.act(service.answer, question.id, text)


async def test_a_member_asks_another_co_op_about_its_job_and_reads_the_answer(care, world):
    green = await found(world, "green")
    await join(green, care, green.member)
    job = await care.post(audience="members")
    await world.settle()
    browser = await green.browser(green.member)
    status, _, page = await browser.ask(f"/enquiries/new?job={job}")
    assert (status, "First day home from hospital" in page) == (200, True)
    status, where, _ = await browser.ask("/enquiries", {"job": job, "text": "Are dogs there?"})
    assert status == 303
    await world.settle()

    [waiting] = await asked(care)
    assert (waiting.job, waiting.asker) == (job, green.member)
    leader = await care.browser(care.leader)
    status, _, page = await leader.ask("/enquiries")
    assert "Are dogs there?" in page
    assert (await leader.ask(f"/enquiries/{waiting.id}", {"text": "None at all."}))[0] == 303
    await world.settle()

    _, _, page = await browser.ask(where["Location"].partition("?")[0])
    assert "None at all." in page
    assert "None at all." in (await browser.ask("/notices"))[2]
    assert (await browser.ask(f"/enquiries/{waiting.id}"))[0] == 404
    assert (await leader.ask(f"/enquiries/{waiting.id}/close", {}))[0] == 303


async def test_nobody_asks_about_a_job_that_is_not_hers_to_see(care, world):
    green = await found(world, "green")
    job = await care.post(audience="members")
    browser = await green.browser(green.member)
    assert (await browser.ask(f"/enquiries/new?job={job}"))[0] == 404
    assert (await browser.ask("/enquiries", {"job": job, "text": "Hm"}))[0] == 404
    assert (await browser.ask("/enquiries", {"job": "nonsense", "text": "Hm"}))[0] == 404


async def test_what_is_refused_need_not_be_typed_again(care, world):
    job = await care.post()
    browser = await care.browser(care.member)
    status, _, page = await browser.ask("/enquiries", {"job": job, "text": " "})
    assert (status, "Please write something." in page) == (422, True)
