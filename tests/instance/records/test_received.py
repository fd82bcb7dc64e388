"""Hours over sockets from a server of another make: who may state, accept and reject them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from federation import Iri
from instance.agenda import service as agenda
from instance.groups import service as groups
from instance.ledger import service as ledger
from instance.records import service as records
from instance.records.models import WorkRecord
from instance.staffing import service as staffing
from tests.instance.alliances.pair import found
from tests.instance.records.shift import PAY, own_shift

MINUTES = 225


class Elsewhere:
    """A worker whose home is a server of another make, confirmed for a shift of our group."""

    def __init__(self, world, coop, remote, person):
        self.world, self.coop, self.remote, self.person = world, coop, remote, person
        self.invite = self.commitment = None
        self.start = self.end = ""

    async def promise(self):
        """Be asked, say yes and promise, by messages as her home sends them."""
        job = await self.coop.post_job(places=1, days=2, **PAY)
        opening = job.shifts[0].openings[0].iri
        (self.invite,) = await self.coop.act(staffing.invite, opening, [self.person])
        await self.world.settle()
        (asked,) = [one for one in self.remote.received if one["id"] == self.invite]
        until = asked["object"]["startTime"]
        stub = {
            "id": self.invite,
            "type": "Invite",
            "actor": self.coop.group,
            "object": {"type": "Commitment"},
        }
        yes = self.remote.activity("Accept", self.person, stub, holdUntil=until)
        await self.say(yes)
        create = self.remote.activity("Create", self.person, None, to=[self.coop.group])
        self.commitment = f"{create['id']}#commitment"
        told = {
            name: asked["object"][name]
            for name in (
                "satisfies",
                "startTime",
                "endTime",
                "effortQuantity",
                "receiver",
                "job",
                "action",
            )
        }
        create["object"] = {
            "id": self.commitment,
            "type": "Commitment",
            "inReplyTo": self.invite,
            "attributedTo": self.person,
            "provider": self.person,
            **told,
        }
        await self.say(self.remote.proven(create, self.person))
        self.start, self.end = told["startTime"], told["endTime"]
        self.world.clock.advance(days=3)
        await self.world.settle()

    def hours(self, minutes=MINUTES, **more):
        """Write an activity that states hours, with its EconomicEvent."""
        create = self.remote.activity("Create", self.person, None, to=[self.coop.group])
        create["object"] = {
            "id": f"{create['id']}#hours",
            "type": "EconomicEvent",
            "action": "work",
            "attributedTo": self.person,
            "provider": self.person,
            "receiver": self.coop.group,
            "fulfills": self.commitment,
            "inReplyTo": self.invite,
            "name": "Morning at home",
            "hasBeginning": self.start,
            "hasEnd": self.end,
            "timezone": "Asia/Hong_Kong",
            "effortQuantity": {"hasUnit": "second", "hasNumericalValue": str(minutes * 60)},
            **more,
        }
        return create

    async def say(self, activity, signer=""):
        signer = self.person if signer == "" else signer
        status = await self.remote.post(f"{self.coop.group}/inbox", activity, signer=signer)
        await self.world.settle()
        return status

    async def kept(self):
        async with self.coop.database.reading() as tx:
            return (await tx.session.scalars(sa.select(WorkRecord))).all()


@pytest.fixture
async def elsewhere(world):
    coop, remote = await found(world, "care"), await world.remote()
    person = remote.actor("lan")
    join = remote.activity("Join", person, coop.group, to=[coop.group], fields=["name", "skills"])
    await remote.post(f"{coop.group}/inbox", join, signer=person)
    await world.settle()
    (asked,) = await coop.see(groups.requests, coop.group)
    await coop.act(groups.accept_member, asked.membership)
    share = remote.activity(
        "Create",
        person,
        {
            "id": f"{remote.origin}/shares/1",
            "type": "DataShare",
            "attributedTo": person,
            "audience": coop.group,
            "to": [coop.group],
            "fields": ["name", "skills"],
            "name": "Lan",
            "skills": [],
            "asOf": world.clock().isoformat(),
        },
        to=[coop.group],
    )
    await remote.post(f"{coop.group}/inbox", share, signer=person)
    await world.settle()
    one = Elsewhere(world, coop, remote, person)
    await one.promise()
    return one


async def test_stated_hours_are_kept_and_confirmed_back(elsewhere):
    hours = elsewhere.hours()
    assert await elsewhere.say(hours) == 202

    (row,) = await elsewhere.kept()
    assert (row.minutes, row.state.value, row.placed) == (MINUTES, "entered", True)
    await elsewhere.coop.act(records.confirm, row.id)
    await elsewhere.world.settle()

    told = elsewhere.remote.received[-1]
    assert (told["type"], told["object"]["id"]) == ("Accept", hours["object"]["id"])
    assert told["actor"] == elsewhere.coop.group
    assert told["proof"]


async def test_stated_hours_without_a_signature_are_refused(elsewhere):
    assert await elsewhere.say(elsewhere.hours(), signer=None) == 401
    assert await elsewhere.kept() == []


async def test_hours_signed_by_somebody_else_are_refused(elsewhere):
    eve = elsewhere.remote.actor("eve")

    assert await elsewhere.say(elsewhere.hours(), signer=eve) == 401
    assert await elsewhere.kept() == []


async def test_hours_that_are_sent_twice_stand_once(elsewhere):
    hours = elsewhere.hours()
    for _ in range(2):
        await elsewhere.say(hours)
    await elsewhere.say({**hours, "id": f"{hours['id']}-again"})

    assert len(await elsewhere.kept()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": "http://remote.test/users/eve"},
        {"attributedTo": "http://remote.test/users/eve"},
        {"action": "deliverService"},
        {"effortQuantity": {"hasUnit": "second", "hasNumericalValue": "999999"}},
        {"effortQuantity": {"hasUnit": "second", "hasNumericalValue": "-60"}},
        {"hasEnd": "2027-01-01T00:00:00Z"},
        {"inReplyTo": "http://care.test/activities/aaaaaaaaaaaaaaaaaaaa"},
        {"receiver": "http://care.test/groups/aaaaaaaaaaaaaaaaaaaa"},
        {"replaces": "http://remote.test/activities/none#hours"},
        {"inScopeOf": "http://care.test/activities/aaaaaaaaaaaaaaaaaaaa"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_hours_that_cannot_be_are_not_kept(elsewhere, wrong):
    await elsewhere.say(elsewhere.hours(**wrong))

    assert await elsewhere.kept() == []


async def test_hours_that_are_still_to_come_are_not_kept(elsewhere):
    to_come = {"hasBeginning": "2027-02-01T01:00:00Z", "hasEnd": "2027-02-01T05:00:00Z"}
    await elsewhere.say(elsewhere.hours(**to_come))

    assert await elsewhere.kept() == []


async def test_nobody_states_hours_for_a_place_of_somebody_elses(elsewhere):
    eve = elsewhere.remote.actor("eve")
    hours = elsewhere.hours(provider=eve, attributedTo=eve)

    await elsewhere.say({**hours, "actor": eve}, signer=eve)

    assert await elsewhere.kept() == []


async def test_what_the_home_calls_agreed_counts_only_up_to_what_the_leader_proposed(elsewhere):
    first = elsewhere.hours()
    await elsewhere.say(first)
    (row,) = await elsewhere.kept()
    await elsewhere.coop.act(records.correct, row.id, 180, "You left early.")
    await elsewhere.world.settle()
    told = elsewhere.remote.received[-1]
    assert (told["type"], told["content"]) == ("Reject", "You left early.")
    assert told["result"]["effortQuantity"]["hasNumericalValue"] == "10800"

    event = first["object"]["id"]
    for minutes in (200, 180, 170):
        await elsewhere.say(elsewhere.hours(minutes, replaces=event, code="agreed"))

    states = {one.minutes: one.state.value for one in await elsewhere.kept()}
    assert states == {225: "replaced", 200: "entered", 180: "confirmed", 170: "entered"}
    async with elsewhere.coop.database.reading() as tx:
        owed = await ledger.balance(tx, elsewhere.person, elsewhere.coop.group)
    assert owed == 180


async def test_forty_statements_about_one_shift_are_enough(elsewhere):
    for _ in range(41):
        await elsewhere.remote.post(
            f"{elsewhere.coop.group}/inbox", elsewhere.hours(), signer=elsewhere.person
        )
    await elsewhere.world.settle()

    assert len(await elsewhere.kept()) == 40


# Answers -----------------------------------------------------------------------------------------


class Answering:
    """A group on a server of another make has the job; the worker and her hours live here."""

    def __init__(self, world, shift, remote):
        self.world, self.shift, self.remote = world, shift, remote
        self.group = remote.actor("served", kind="Group")
        self.event = ""

    async def begin(self):
        """Let hours stand that this group is to answer."""
        self.event = await self.shift.enter()
        await self.world.settle()
        async with self.shift.home.database.transaction() as tx:
            rows = (await tx.session.scalars(sa.select(WorkRecord))).all()
            for row in rows:
                if row.side is records.Side.WORKER:
                    row.group = self.group
                else:
                    await tx.session.delete(row)

    def answer(self, kind, actor=None, **more):
        inner = {"id": self.event, "type": "EconomicEvent"}
        return self.remote.activity(
            kind, actor or self.group, inner, to=[self.shift.person], **more
        )

    async def say(self, activity, signer=""):
        signer = self.group if signer == "" else signer
        inbox = f"{self.shift.home.origin}/inbox"
        status = await self.remote.post(inbox, activity, signer=signer)
        await self.world.settle()
        return status

    async def row(self):
        return await self.shift.home.see(records.record, Iri(self.event), records.Side.WORKER)


REJECTED = {
    "result": {
        "type": "EconomicEvent",
        "effortQuantity": {"hasUnit": "minute", "hasNumericalValue": "60"},
    },
    "content": "An hour.",
}


@pytest.fixture
async def answering(world):
    shift = await own_shift(world)
    one = Answering(world, shift, await world.remote())
    await one.begin()
    return one


@pytest.mark.parametrize(
    ("kind", "more", "becomes"), [("Accept", {}, "confirmed"), ("Reject", REJECTED, "corrected")]
)
async def test_an_answer_of_the_group_served_takes_effect(answering, kind, more, becomes):
    assert await answering.say(answering.answer(kind, **more)) == 202

    assert (await answering.row()).state.value == becomes


@pytest.mark.parametrize(("kind", "more"), [("Accept", {}), ("Reject", REJECTED)])
async def test_an_answer_without_a_signature_is_refused(answering, kind, more):
    assert await answering.say(answering.answer(kind, **more), signer=None) == 401
    assert (await answering.row()).state.value == "entered"


@pytest.mark.parametrize(("kind", "more"), [("Accept", {}), ("Reject", REJECTED)])
async def test_an_answer_signed_by_somebody_else_is_refused(answering, kind, more):
    eve = answering.remote.actor("eve", kind="Group")

    assert await answering.say(answering.answer(kind, **more), signer=eve) == 401
    assert (await answering.row()).state.value == "entered"


@pytest.mark.parametrize(("kind", "more"), [("Accept", {}), ("Reject", REJECTED)])
async def test_an_answer_of_another_group_changes_nothing(answering, kind, more):
    eve = answering.remote.actor("eve", kind="Group")

    await answering.say(answering.answer(kind, actor=eve, **more), signer=eve)

    assert (await answering.row()).state.value == "entered"


@pytest.mark.parametrize(("kind", "more"), [("Accept", {}), ("Reject", REJECTED)])
async def test_an_answer_that_is_sent_twice_takes_effect_once(answering, kind, more):
    activity = answering.answer(kind, **more)
    await answering.say(activity)
    first = await answering.row()
    answering.world.clock.advance(minutes=1)
    await answering.say(activity)

    assert await answering.row() == first


async def test_a_reject_that_comes_after_its_accept_changes_nothing(answering):
    await answering.say(answering.answer("Accept"))
    await answering.say(answering.answer("Reject", **REJECTED))

    assert (await answering.row()).state.value == "confirmed"


async def test_a_reject_without_hours_is_no_answer(answering):
    await answering.say(answering.answer("Reject", content="No."))

    assert (await answering.row()).state.value == "entered"


async def test_strangers_leave_no_answers_behind(answering):
    inner = {"id": "http://remote.test/activities/1#hours", "type": "EconomicEvent"}
    group = answering.shift.home.group
    activity = answering.remote.activity("Accept", answering.group, inner, to=[group])
    await answering.say(activity)

    async with answering.shift.home.database.reading() as tx:
        from instance.records.models import EarlyAnswer

        assert (await tx.session.scalars(sa.select(EarlyAnswer))).all() == []


async def test_a_promise_is_kept_by_entering_hours(answering):
    promise = await answering.shift.home.see(agenda.promise, answering.shift.promise.invite)

    assert promise.state is agenda.PromiseState.DONE
