"""Each row of the table of receivers, over a socket: well signed, unsigned, by another, twice.

The story is told, then the rest of what can happen between the co-ops; whatever they said to each
other is the example. A receiver that nobody speaks to here has to be named, with what proves it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import pytest

from instance import app, notes
from instance.reception import Received
from tests.journeys import documents
from tests.journeys.first_steps import CARE, SHARED, TERMS, Story, found_story, shift
from tests.journeys.last_steps import tell
from tests.journeys.story import Said, say_again

KINDS_OF_WORK = (*app.jobs_wire.OTHER_PROPOSALS, *app.jobs_wire.INTENTS)
OTHER_SERVERS = {
    ("Undo", "Join", "*"),
    *((verb, "Invite", "Group") for verb in ("Accept", "Reject", "Undo")),
    ("Create", "Proposal"),
    ("Update", "Proposal"),
    *((verb, kind) for verb in ("Create", "Update") for kind in KINDS_OF_WORK),
    ("Delete", "Tombstone"),
    *((verb, kind) for verb in ("Create", "Update", "Delete") for kind in notes.KINDS[1:]),
    ("Update", "Note"),
    ("Delete", "Question"),
    ("Delete", "*"),
    ("Like", "*"),
    ("EmojiReact", "*"),
    ("Announce", "*"),
    ("Undo", "Like", "*"),
    ("Undo", "EmojiReact"),
    ("Undo", "Announce", "*"),
    ("Announce", "Create", "*"),
    ("Undo", "Announce", "Create", "*"),
    ("Flag", "*"),
    ("Accept", "Flag", "*"),
    ("Reject", "Flag", "*"),
    ("Reject", "Follow", "*"),
}
"""What only servers of other kinds say, or what is told in one co-op's own story: proven in the
tests of the features.
"""
ROWS = tuple(app.RECEIVERS)
ONLY_OF_OTHERS = (
    app.enquiries_wire.receive_offer,
    app.enquiries_wire.receive_undone_offer,
    app.follows_wire.receive_post,
)
"""Who shares a chain with what our servers say, and hears others alone: tests of the features."""
WHO_IS_OUT_THERE = {"federation_peers", "federation_actors"}
"""Tables of whose key was looked up and when somebody was heard."""


@dataclass
class Heard:
    """Which activities each row of the table took effect for."""

    by_row: dict[int, set[str]] = field(default_factory=dict)

    def listening(self, number: int, row: Received) -> Received:
        """Return a row that tells what it received."""

        async def receive(tx: Any, activity: Any) -> None:
            await row.receiver(tx, activity)
            self.by_row.setdefault(number, set()).add(activity.id)

        return msgspec.structs.replace(row, receiver=receive)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    found = Heard()
    rows = [found.listening(number, row) for number, row in enumerate(app.RECEIVERS)]
    monkeypatch.setattr(app, "RECEIVERS", rows)
    return found


async def test_each_receiver_takes_what_is_signed_by_whose_word_it_is_and_once(
    world, heard, tmp_path
):
    async with found_story(world) as story:
        await tell(story)
        await people_come_and_go(story)
        await somebody_asks_about_a_job(story)
        await somebody_asks_all_members(story)
        await promises_are_taken_back(story)
        await allies_change_their_minds(story)
        await somebody_comes_to_her_work(story)
        told = [one for one in story.said if is_activity(story, one)]

        assert silent_rows(heard, told) == []
        await documents.require_current(story, tmp_path)
        before = await all_that_is_stored(story)
        assert await statuses_without_a_signature(story, told) == {401}
        assert await statuses_signed_by_another(story, told) == {401}
        await story.settle()
        assert await all_that_is_stored(story) == before
        assert await statuses_when_sent_again(story, told) == {202}
        await story.settle()
        assert await all_that_is_stored(story) == before


def is_activity(story: Story, said: Said) -> bool:
    """Tell whether something was said to one of the three, rather than asked or to a stranger."""
    ours = {story.care.host, story.wash.host, story.green.host}
    return said.method == "POST" and said.path.endswith("/inbox") and said.host in ours


def silent_rows(heard: Heard, told: list[Said]) -> list[tuple[str, ...]]:
    """List the rows that took effect for nothing which went over a socket."""
    over_sockets = {msgspec.json.decode(one.body)["id"] for one in told}
    return [
        row.types
        for number, row in enumerate(app.RECEIVERS)
        if not heard.by_row.get(number, set()) & over_sockets
        and row.types not in OTHER_SERVERS
        and ROWS[number].receiver not in ONLY_OF_OTHERS
    ]


# What the story leaves out -----------------------------------------------------------------------


async def people_come_and_go(story: Story) -> None:
    koel, peony, base = story.care.koel, story.green.peony, f"/groups/{story.care.token}/members"
    for answer in ("refuse", "accept"):
        await story.wash.lotus.joins("@care@care.test", *SHARED)
        await story.settle()
        [request] = (await koel.get(base))["requests"]
        await koel.post(f"{base}/{request['membership']}/{answer}")
        await story.settle()
    members = {one["person"]: one for one in (await koel.get(base))["members"]}
    await koel.post(f"{base}/{members[story.wash.lotus.iri]['membership']}/remove")
    await koel.post(f"/groups/{story.care.token}/invite", address="@starfish@wash.test")
    await story.settle()

    await story.wash.starfish.joins("@green@green.test", *SHARED)
    await story.settle()
    await story.wash.starfish.post("/groups/leave", group=story.green.group)
    await peony.post("/groups/leave", group=story.wash.group)
    await story.settle()


async def somebody_asks_about_a_job(story: Story) -> None:
    koel, peony = story.care.koel, story.green.peony
    job = await koel.posts(
        title="A walk",
        pay="75",
        audience="members",
        shifts=[shift("2027-01-16", "10:00", "12:00", (CARE, 1))],
    )
    await story.settle()
    await peony.post("/enquiries", job=job.iri, text="Is it far?")
    await story.settle()
    await peony.post("/jobs/followed", address="@care@care.test")
    await story.settle()
    await peony.post("/jobs/followed/end", group=story.care.group)
    [asked] = (await koel.get("/enquiries"))["asked_of_us"]
    await koel.post(f"/enquiries/{asked['id']}", text="Two streets.")
    await story.settle()


async def somebody_asks_all_members(story: Story) -> None:
    koel, peony = story.care.koel, story.green.peony
    choices = ["Saturday", "Sunday"]
    made = await koel.post("/polls", text="Which day?", choices=choices, audience="members")
    await story.settle()
    await peony.post("/polls/vote", poll=made["poll"], choices=[1])
    await story.settle()
    await koel.post(f"/polls/{made['poll'].rpartition('/')[2]}/close")
    await story.settle()
    [over] = (await peony.get("/polls"))["over"]
    assert [one["votes"] for one in over["choices"]] == [0, 1]


async def promises_are_taken_back(story: Story) -> None:
    koel, peony = story.care.koel, story.green.peony
    job = await koel.posts(
        title="Three rounds",
        pay="75",
        audience="members",
        shifts=[shift(f"2027-01-{day}", "10:00", "12:00", (CARE, 1)) for day in (13, 14, 15)],
    )
    first, second, third = [await job.opening(number) for number in (1, 2, 3)]
    for opening in (first, second):
        await koel.post(f"{job.path}/staffing/auto-confirm", opening=opening, on=False)
        await job.invite(opening, peony.iri)
    await job.invite(third, peony.iri)
    await story.settle()
    for asked in await peony.invitations():
        await peony.post(f"/invitations/{asked['id']}/answer", answer="yes")
    await story.settle()
    [answered] = (await job.at(first))["people"]
    await koel.post(f"{job.path}/staffing/not-needed", invite=answered["invite"])
    await koel.post(job.path, title="Three rounds", pay="75", bring="gloves")
    await story.settle()
    for promise in await peony.promises("2027-01-11"):
        if promise["state"] in {"held", "confirmed"}:
            await peony.post(f"/invitations/{promise['id']}/withdraw")
    await story.settle()
    assert await job.states(first) == {"Seh Mei Lin": "not_needed"}
    assert await job.states(third) == {"Seh Mei Lin": "dropped_out"}


async def allies_change_their_minds(story: Story) -> None:
    koel, heron, mangrove = story.care.koel, story.wash.heron, story.green.mangrove
    for answer in ("refuse", "take-back"):
        job = await koel.posts(
            title="Help", pay="75", shifts=[shift("2027-01-15", "08:00", "09:00", (CARE, 1))]
        )
        await koel.post(
            f"{job.path}/ask", ally=story.wash.group, places={"o1": 1}, until="2027-01-12T00:00:00Z"
        )
        await story.settle()
        asked = (await heron.get("/allies/requests"))["asked_of_us"]
        [ask] = [one for one in asked if one["job"] == job.iri]
        made = await heron.post(f"/allies/requests/{ask['id']}/offer", places=[1])
        await story.settle()
        [offered] = (await koel.get("/allies/requests"))["offered_to_us"]
        if answer == "refuse":
            await koel.post(f"/loans/{offered['id']}/refuse", reason="Found somebody.")
        else:
            await heron.post(f"/loans/{made['id']}/take-back", reason="Somebody fell ill.")
        await story.settle()

    for _ in range(2):
        await mangrove.post(
            "/allies/new", group=story.green.group, address="@wash@wash.test", **TERMS
        )
        await story.settle()
        [offer] = (await heron.get("/allies"))["waiting"]
        await heron.post(f"/allies/{offer['id']}/refuse", reason="Not this year.")
        await story.settle()
    offered = await mangrove.post(
        "/allies/new", group=story.green.group, address="@wash@wash.test", **TERMS
    )
    await story.settle()
    await mangrove.post(f"/allies/{offered['id']}/end", reason="A slip.")
    [ally] = [one["alliance"] for one in (await heron.get("/allies"))["active"]]
    await heron.post(f"/allies/{ally['id']}/end", reason="Thank you.")
    await story.settle()


async def somebody_comes_to_her_work(story: Story) -> None:
    koel, peony = story.care.koel, story.green.peony
    job = await koel.posts(
        title="A long walk",
        pay="75",
        audience="members",
        shifts=[shift("2027-01-20", "10:00", "12:00", (CARE, 1))],
    )
    await job.invite(await job.opening(), peony.iri)
    await story.settle()
    [asked] = await peony.invitations()
    await peony.post(f"/invitations/{asked['id']}/answer", answer="yes")
    await story.settle()
    await koel.post(f"{job.path}/door")
    [door] = (await koel.get(f"{job.path}/door"))["shifts"]
    wait = datetime.fromisoformat(door["start"]) - story.world.clock()
    story.world.clock.advance(seconds=wait.total_seconds())
    await story.settle()
    for code in (f"{(int(door['code']) + 1) % 1_000_000:06d}", door["code"]):
        await peony.post(f"/record/shifts/{asked['id']}/here", code=code)
        await story.settle()
    [door] = (await koel.get(f"{job.path}/door"))["shifts"]
    assert [one["name"] for one in door["came"]] == ["Seh Mei Lin"]


# What a stranger tries ---------------------------------------------------------------------------


def anew(said: Said) -> dict[str, Any]:
    """Return what was said as something that was never heard, without its proof."""
    activity = msgspec.json.decode(said.body)
    activity.pop("proof", None)
    return {**activity, "id": f"{activity['id']}-again"}


async def statuses_without_a_signature(story: Story, told: list[Said]) -> set[int]:
    stranger = await story.world.remote("stranger")
    return {await stranger.post(f"http://{one.host}{one.path}", anew(one)) for one in told}


async def statuses_signed_by_another(story: Story, told: list[Said]) -> set[int]:
    eve = await story.world.remote("eve")
    signer = eve.actor("eve", kind="Group")
    return {
        await eve.post(f"http://{one.host}{one.path}", anew(one), signer=signer) for one in told
    }


async def statuses_when_sent_again(story: Story, told: list[Said]) -> set[int]:
    """Send the same bytes once more, each in the minute it was said in, the last ones first."""
    clock, now = story.world.clock, story.world.clock.now
    found = set()
    for one in reversed(told):
        clock.now = one.at
        found.add(await say_again(story.world, one))
    clock.now = now
    return found


async def all_that_is_stored(story: Story) -> list[str]:
    coops = (story.care, story.wash, story.green)
    return [await one.everything_stored(but=WHO_IS_OUT_THERE) for one in coops]
