"""What a stranger's group and ours say to each other as allies."""

from __future__ import annotations

from tests.journeys.first_steps import CARE, TERMS, shift
from tests.peers.exchanges import home
from tests.peers.stranger import words
from tests.peers.stranger.server import Actor
from tests.peers.talk import Talk

UNTIL = "2027-01-06T12:00:00Z"


async def become_allies(talk: Talk, wash: Actor) -> dict:
    """Let each offer the other terms; returns the Accept of those that count."""
    koel, group, stranger = talk.care.koel, talk.care.group, talk.stranger
    taken_back = await offers(talk, wash)
    await talk.say("Undo", wash, words.stub(taken_back), content="A mistake.")
    assert (await koel.get("/allies"))["waiting"] == []
    offer = await offers(talk, wash)
    [waiting] = (await koel.get("/allies"))["waiting"]
    await koel.post(f"/allies/{waiting['id']}/accept")
    await talk.world.settle()
    result = stranger.heard("Accept", "Offer", "Relationship")["result"]
    await stranger.verify(result)
    assert {**result, "proof": None} == {**offer["object"], "proof": None}

    talk.world.clock.advance(minutes=1)  # of two alliances the one offered later counts
    address = f"@wash@{stranger.host}"
    await koel.post("/allies/new", group=group, address=address, **TERMS)
    await talk.world.settle()
    offer = stranger.heard("Offer", "Relationship")
    await talk.say("Reject", wash, words.stub(offer), content="Not these.")
    more = {**TERMS, "hours_borrow": 40}
    made = await koel.post("/allies/new", group=group, address=address, **more)
    await talk.world.settle()
    offer = stranger.heard("Offer", "Relationship")
    await stranger.verify(offer["object"])
    terms = {name: value for name, value in offer["object"].items() if name != "proof"}
    accept = await talk.say("Accept", wash, words.stub(offer), by=wash, result=terms)
    alliance = (await koel.get(f"/allies/{made['id']}"))["alliance"]
    assert (alliance["state"], alliance["signed_by_them"]) == ("active", True), alliance
    assert f"{wash.id}/capacity".endswith(stranger.asked[-1])
    return accept


async def offers(talk: Talk, wash: Actor) -> dict:
    return await talk.say("Offer", wash, words.terms(wash.id, talk.care.group, talk.now), by=wash)


# The stranger lends ------------------------------------------------------------------------------


async def is_lent_to(talk: Talk, wash: Actor, title: str, number: int) -> tuple[dict, dict]:
    """Let us ask the stranger's group and accept what it offers; returns Offer and Agreement."""
    koel, stranger = talk.care.koel, talk.stranger
    one = shift("2027-01-08", "14:00", "16:00", (CARE, number))
    job = await koel.posts(title=title, pay="75", levy_percent=5, door="4711", shifts=[one])
    await koel.post(f"{job.path}/ask", ally=wash.id, places={"o1": number}, until=UNTIL)
    await talk.world.settle()
    proposal = stranger.heard("Create", "Proposal")["object"]
    await talk.say("Offer", wash, words.agreement(proposal, number + 1))
    assert stranger.heard("Reject", "Offer", "Agreement")["code"] == "ask.places"
    offered = words.agreement(proposal, number)
    offer = await talk.say("Offer", wash, offered, content="Gladly.")
    [got] = (await koel.get("/allies/requests"))["offered_to_us"]
    await koel.post(f"/loans/{got['id']}/accept")
    await talk.world.settle()
    agreed = stranger.heard("Accept", "Offer", "Agreement")
    assert agreed["object"]["id"] == offer["id"]
    return offer, {**agreed["result"], "proposal": proposal}


async def names(talk: Talk, wash: Actor, name: str, agreed: dict) -> dict:
    """Let the stranger's group name somebody; returns the Announce."""
    person, line = home(talk, name), agreed["proposal"]["publishes"][0]
    invite = talk.stranger.written("Invite", wash, {"type": "Commitment"}, person.id)
    offered = {
        "satisfies": line["id"],
        "resourceConformsTo": line["resourceConformsTo"],
        "receiver": talk.care.group,
        "inScopeOf": agreed["id"],
        "job": agreed["job"],
        "startTime": line["startTime"],
        "endTime": line["endTime"],
        "effortQuantity": words.seconds(7200),
    }
    create = talk.stranger.written("Create", person, None, wash.id)
    promised = words.promise(person.id, invite["id"], offered)
    create["object"] = {**promised, "id": f"{create['id']}#commitment"}
    announce = await talk.say("Announce", wash, create, by=person)
    details = talk.stranger.heard("Create", "Event")
    assert (details["to"], details["object"]["door"]) == ([person.id], "4711")
    return announce


async def stranger_lends(talk: Talk, wash: Actor) -> dict:
    """Let the stranger's group lend, and take back; returns what was promised and stays."""
    koel = talk.care.koel
    offer, agreed = await is_lent_to(talk, wash, "Clean up", 2)
    stays = await names(talk, wash, "lily", agreed)
    goes = await names(talk, wash, "rosa", agreed)
    create = goes["object"]
    inner = {"id": create["object"]["id"], "type": "Commitment"}
    undone = {**words.stub(goes), "object": {**words.stub(create), "object": inner}}
    withdrawal = talk.stranger.written("Undo", home(talk, "rosa"), create["id"], wash.id)
    await talk.say("Undo", wash, undone, code="withdrawn", instrument=withdrawal)
    assert talk.stranger.heard("Delete")["object"]["formerType"] == "Event"
    fewer = words.agreement(agreed["proposal"], 1)
    known, talk.table = talk.table, {}  # what replaces something is needed here
    await talk.say("Offer", wash, fewer, replaces=offer["id"], content="One is ill.")
    talk.table = known
    again = talk.stranger.heard("Accept", "Offer", "Agreement")["result"]
    assert again["id"] == agreed["id"]
    assert again["stipulates"][0]["resourceQuantity"] == words.places(1)

    offer, _ = await is_lent_to(talk, wash, "Ends", 1)
    await talk.say("Undo", wash, words.stub(offer), code="taken_back", content="Nobody can.")
    assert len((await koel.get("/allies/requests"))["borrowed"]) == 1
    return stays["object"]["object"]


async def lent_hours_count(talk: Talk, promised: dict) -> None:
    lily, koel = talk.stranger.actors[promised["attributedTo"]], talk.care.koel
    known, talk.table = talk.table, {}  # the agreement is needed here
    said = await talk.say("Create", lily, words.hours(promised, talk.care.group, 7200))
    talk.table = known
    [waiting] = (await koel.get("/hours"))["to_confirm"]
    await koel.post(f"/hours/{waiting['id']}/confirm")
    await talk.world.settle()
    answer = talk.stranger.heard("Accept", "EconomicEvent")
    event = said["object"]["id"]
    assert answer["object"]["id"] == event
    lender = f"{talk.stranger.origin}/groups/wash"
    between = f"{talk.care.group} {lender}"
    talk.stranger.books = [f"{event} minutes {between} 120", f"{event} HKD {between} 750"]


# The stranger borrows ----------------------------------------------------------------------------


async def is_offered(talk: Talk, wash: Actor, number: int) -> tuple[dict, dict]:
    """Let the stranger's group ask ours, and ours offer; returns the ask and our Offer."""
    koel, group = talk.care.koel, talk.care.group
    ask = words.ask(wash.id, group, number, talk.now, talk.words)
    said = await talk.say("Create", wash, ask)
    [asked] = [
        one
        for one in (await koel.get("/allies/requests"))["asked_of_us"]
        if one["job"] == ask["job"]
    ]
    await koel.post(f"/allies/requests/{asked['id']}/offer", places=[2])
    await talk.world.settle()
    offer = talk.stranger.heard("Offer", "Agreement")
    assert offer["object"]["context"] == ask["id"]
    return said["object"], offer


async def lent_places(talk: Talk) -> list[int]:
    """Return how many places our group has lent, by loan."""
    lent = (await talk.care.koel.get("/allies/requests"))["lent"]
    return [one["places"][0]["places"] for one in lent]


async def stranger_borrows(talk: Talk, wash: Actor) -> None:
    koel, group = talk.care.koel, talk.care.group
    _, offer = await is_offered(talk, wash, 1)
    result = {"id": f"{wash.id}/agreements/1", "attributedTo": wash.id, "updated": talk.now}
    result = {**offer["object"], **result}
    accept = await talk.say("Accept", wash, words.stub(offer), result=result)
    assert await lent_places(talk) == [2]
    stipulated = [{**result["stipulates"][0], "resourceQuantity": words.places(1)}]
    changed = {**result, "updated": "2027-01-04T09:00:00Z", "stipulates": stipulated}
    await talk.say("Update", wash, {**changed, "release": []})
    assert await lent_places(talk) == [1]
    undone = {**words.stub(accept), "object": words.stub(offer)}
    await talk.say("Undo", wash, undone, code="called_off", content="Not needed.")
    assert await lent_places(talk) == []
    _, offer = await is_offered(talk, wash, 2)
    await talk.say("Reject", wash, words.stub(offer), code="loan.refused", content="We manage.")
    ask = words.ask(wash.id, group, 3, talk.now, talk.words)
    await talk.say("Create", wash, ask)
    await talk.say("Update", wash, {**ask, "name": "Moving week"})
    await talk.say("Delete", wash, words.tombstone(ask["id"], "Proposal"))
    assert not [
        one
        for one in (await koel.get("/allies/requests"))["asked_of_us"]
        if one["job"] == ask["job"]
    ]


async def are_allies_no_more(talk: Talk, wash: Actor, accept: dict) -> None:
    await talk.say("Undo", wash, words.stub(accept), content="We close down.")
    assert (await talk.care.koel.get("/allies"))["active"] == []
