"""What a stranger and a co-op of ours say to each other, from the first Join to the hours."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.journeys.first_steps import CARE, shift
from tests.peers.stranger import words
from tests.peers.stranger.server import Actor
from tests.peers.talk import Talk

AFTER_WORK = datetime(2027, 1, 9, 12, tzinfo=UTC)


def home(talk: Talk, name: str) -> Actor:
    """Let somebody live on the stranger's server."""
    return talk.stranger.actor("Person", f"/users/{name}", name)


# A worker's home there ---------------------------------------------------------------------------


async def belongs(talk: Talk, name: str) -> Actor:
    """Let somebody join our group and share what she agreed to."""
    ana, group = home(talk, name), talk.care.group
    shared = words.share(ana.id, group, talk.now, talk.words)
    early = {one: shared[one] for one in shared if one not in {"windows", "weeklyMinutes"}}
    more = {"fields": shared["fields"], "share": early, "content": "I clean, too."}
    await talk.say("Join", ana, group, instrument="none", **more)
    await talk.care.koel.takes_in()
    await talk.world.settle()
    answer = talk.stranger.heard("Accept", "Join")
    assert (answer["result"]["subject"], answer["result"]["attributedTo"]) == (ana.id, group)
    await talk.say("Create", ana, shared)
    return ana


async def members_come_and_go(talk: Talk) -> None:
    koel, group, token = talk.care.koel, talk.care.group, talk.care.token
    bob, dora, carl = (home(talk, one) for one in ("bob", "dora", "carl"))
    join = await talk.say("Join", bob, group, fields=["name"])
    await talk.say("Undo", bob, words.stub(join))
    await talk.say("Join", dora, group, fields=["name"])
    assert len(await koel.takes_in()) == 1, "bob asks no more"
    await talk.say("Leave", dora, group, inReplyTo=join["id"])
    await koel.post(f"/groups/{token}/invite", address=f"carl@{talk.stranger.host}")
    await talk.world.settle()
    invite = talk.stranger.heard("Invite", "Group")
    assert (invite["target"], invite["object"]["id"]) == (carl.id, group)
    await talk.say("Reject", carl, words.stub(invite), name="Reject{Invite{Group}}")
    members = (await koel.get(f"/groups/{token}/members"))["members"]
    assert not [one for one in members if one["person"] in {bob.id, dora.id, carl.id}]


async def is_asked(talk: Talk, ana: Actor, title: str, day: str) -> dict:
    """Let our group ask her to fill the one place of a new job; returns the Invite."""
    one = shift(day, "09:00", "11:00", (CARE, 1))
    job = await talk.care.koel.posts(title=title, pay="75", address="Flat 8", shifts=[one])
    await job.invite(await job.opening(), ana.id)
    await talk.world.settle()
    return talk.stranger.heard("Invite", "Commitment", target=ana.id)


async def says_yes(talk: Talk, ana: Actor, invite: dict) -> dict:
    """Let her home hold the time, and hear the group's confirmation."""
    until = invite["replyBy"]
    yes = await talk.say("Accept", ana, words.stub(invite), holdUntil=until)
    assert talk.stranger.heard("Accept", "Accept", "Invite")["object"]["id"] == yes["id"]
    return yes


async def promises(talk: Talk, ana: Actor, invite: dict) -> dict:
    """Let her promise what she was asked for; returns the `Create`."""
    await says_yes(talk, ana, invite)
    promised = words.promise(ana.id, invite["id"], invite["object"])
    return await talk.say("Create", ana, promised)


async def answers_in_every_way(talk: Talk, ana: Actor) -> None:
    invite = await is_asked(talk, ana, "No", "2027-01-11")
    await talk.say("Reject", ana, words.stub(invite), code="declined")
    invite = await is_asked(talk, ana, "Too late", "2027-01-12")
    yes = await says_yes(talk, ana, invite)
    await talk.say("Undo", ana, words.stub(yes), code="expired")
    invite = await is_asked(talk, ana, "Ill", "2027-01-13")
    create = await promises(talk, ana, invite)
    inner = {"id": create["object"]["id"], "type": "Commitment", "inReplyTo": invite["id"]}
    undone = {**words.stub(create), "object": inner}
    await talk.say("Undo", ana, undone, code="withdrawn")


async def promises_to_come(talk: Talk, ana: Actor) -> dict:
    """Let her promise a morning; returns the promise."""
    invite = await is_asked(talk, ana, "Tea morning", "2027-01-08")
    create = await promises(talk, ana, invite)
    event = talk.stranger.heard("Create", "Event")["object"]
    assert (event["inReplyTo"], event["address"]) == (create["object"]["id"], "Flat 8")
    return create["object"]


async def states_hours(talk: Talk, ana: Actor, promised: dict) -> None:
    koel = talk.care.koel
    first = await talk.say("Create", ana, words.hours(promised, talk.care.group, 7200))
    [waiting] = (await koel.get("/hours"))["to_confirm"]
    late = {"hours": 1, "minutes": 30, "words": "You came late."}
    await koel.post(f"/hours/{waiting['id']}/correct", **late)
    await talk.world.settle()
    answer = talk.stranger.heard("Reject", "EconomicEvent")
    assert (answer["object"]["id"], answer["content"]) == (first["object"]["id"], late["words"])
    agreed = int(answer["result"]["effortQuantity"]["hasNumericalValue"])
    more = {"code": "agreed", "replaces": first["object"]["id"], "note": "That is so."}
    again = words.hours(promised, talk.care.group, agreed, **more)
    await say_agreed(talk, ana, again)


async def say_agreed(talk: Talk, ana: Actor, again: dict) -> None:
    """State hours that our group has proposed: they count at once, if she says that she agrees."""
    known, talk.table = talk.table, {}  # what replaces something is needed here
    said = await talk.say("Create", ana, again)
    talk.table = known
    answer = talk.stranger.heard("Accept", "EconomicEvent")
    assert answer["object"]["id"] == said["object"]["id"]


async def ends(talk: Talk, ana: Actor) -> None:
    """Let her share something else, move to another account, and share nothing any more."""
    shared = words.share(ana.id, talk.care.group, talk.now, talk.words)
    await talk.say("Update", ana, {**shared, "name": "Ana S."})
    gone = words.tombstone(shared["id"], "DataShare")
    await talk.say("Delete", ana, gone)
    ana2 = talk.stranger.actor("Person", "/users/ana2", "ana2", alsoKnownAs=[ana.id])
    await talk.say("Move", ana, ana.id, target=ana2.id)
    added = talk.stranger.heard("Add")
    assert (added["object"], added["origin"]) == (ana2.id, ana.id)


# A group there -----------------------------------------------------------------------------------


async def group_elsewhere(talk: Talk) -> Actor:
    """Found a group on the stranger's server that our people may join."""
    fields = ("name", "skills", "availability")
    asks = [{"field": one, "essential": True, "why": ""} for one in fields]
    more = {"asks": asks, "asksDays": 90}
    return talk.stranger.actor("Group", "/groups/wash", "wash", **more)


async def our_people_join(talk: Talk, wash: Actor) -> None:
    mei, tolo, stranger = talk.care.mei, talk.care.tolo, talk.stranger
    for one in (mei, tolo):
        await one.joins(f"@wash@{stranger.host}", "name", "skills", "availability")
        await talk.world.settle()
        join = stranger.heard("Join", actor=one.iri)
        assert join["object"] == wash.id
        name = "Accept{Join}" if one is mei else "Reject{Join}"
        result = {"result": words.stamp(wash.id, mei.iri, talk.now)} if one is mei else {}
        kind = name.partition("{")[0]
        await talk.say(kind, wash, words.stub(join), to=one.iri, name=name, **result)
    assert stranger.heard("Create", "DataShare")["object"]["windows"]
    names = {one["name"] for one in (await mei.get("/groups"))["mine"]}
    assert "wash" in names
    about = {"id": wash.id, "type": "Group", "name": "Wash", "preferredUsername": "wash"}
    invite = await talk.say("Invite", wash, about, to=tolo.iri, target=tolo.iri)
    name = "Undo{Invite{Group}}"
    await talk.say("Undo", wash, words.stub(invite), to=tolo.iri, name=name)


async def asks_ours(talk: Talk, wash: Actor, number: int) -> dict:
    """Let the group there ask somebody here to work; returns the Invite."""
    job, person = f"{wash.id}/jobs/{number}", talk.care.mei.iri
    start, end = f"2027-01-0{number}T06:00:00Z", f"2027-01-0{number}T08:00:00Z"
    offered = words.asked(wash.id, job, start, end, talk.words)
    more = {"to": person, "target": person, "replyBy": "2027-01-04T20:00:00Z"}
    return await talk.say("Invite", wash, offered, **more)


async def ours_says_yes(talk: Talk) -> dict:
    await talk.care.mei.answers(group="wash")
    await talk.world.settle()
    yes = talk.stranger.heard("Accept", "Invite", "Commitment")
    assert yes["holdUntil"] > talk.now
    return yes


async def our_people_are_asked(talk: Talk, wash: Actor) -> dict:
    """Let the group ask one of ours in every way; returns what she promised it."""
    mei, to = talk.care.mei, {"to": talk.care.mei.iri}
    invite = await asks_ours(talk, wash, 6)
    await talk.say("Undo", wash, words.stub(invite), code="called_off", **to)
    await asks_ours(talk, wash, 7)
    yes = await ours_says_yes(talk)
    await talk.say("Reject", wash, words.stub(yes), code="not_needed", **to)
    await asks_ours(talk, wash, 8)
    yes = await ours_says_yes(talk)
    await talk.say("Accept", wash, words.stub(yes), **to)
    promised = talk.stranger.heard("Create", "Commitment")["object"]
    assert promised["attributedTo"] == mei.iri
    event = words.details(wash.id, mei.iri, promised["id"], talk.now)
    await talk.say("Create", wash, event, **to)
    await talk.say("Update", wash, {**event, "address": "Flat 10"}, **to)
    [kept] = await mei.promises("2027-01-04")
    assert kept["address"] == ("" if talk.table else "Flat 10")
    gone = words.tombstone(event["id"], "Event", inReplyTo=promised["id"])
    await talk.say("Delete", wash, gone, **to)
    return promised


async def our_people_state_hours(talk: Talk, wash: Actor) -> None:
    mei = talk.care.mei
    [done] = (await mei.get("/record"))["to_enter"]
    span = {"start": done["start_clock"], "end": done["end_clock"], "break_minutes": 0}
    await mei.post(f"/record/shifts/{done['promise']}", **span)
    await talk.world.settle()
    event = talk.stranger.heard("Create", "EconomicEvent", actor=mei.iri)["object"]
    kept = ("type", "action", "provider", "receiver", "fulfills")
    result = {one: event[one] for one in kept} | {"effortQuantity": words.seconds(5400)}
    more = {"result": result, "content": "Shorter.", "to": mei.iri}
    named = {"id": event["id"], "type": "EconomicEvent"}
    await talk.say("Reject", wash, named, **more)
    [waiting] = (await mei.get("/record"))["waiting"]
    await mei.post(f"/record/{waiting['id']}/agree")
    await talk.world.settle()
    again = talk.stranger.heard("Create", "EconomicEvent", actor=mei.iri)["object"]
    assert (again["code"], again["replaces"]) == ("agreed", event["id"])
    named = {"id": again["id"], "type": "EconomicEvent"}
    await talk.say("Accept", wash, named, to=mei.iri)
    assert (await mei.get("/record"))["confirmed"][0]["minutes"] == 90
    more = {"target": f"{wash.id}/affiliations", "origin": wash.id, "to": mei.iri}
    await talk.say("Remove", wash, mei.iri, **more)
    assert "wash" not in {one["name"] for one in (await mei.get("/groups"))["mine"]}
