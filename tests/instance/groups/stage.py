"""Everything that can be said about belonging, each as a scene: before, the words, after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from federation.keypool import make_keys
from federation.proofs import sign_document
from instance import wire
from instance.agenda import service as agenda
from instance.consent import service as consent
from instance.groups import membership
from instance.groups import service as groups
from instance.groups.activities import find_group
from tests.instance.groups.living import a_group, a_worker, reads, viewer


@dataclass
class Stage:
    """A co-op with a group and a worker, and another server with a group and two people."""

    world: Any
    care: Any
    remote: Any
    group: str
    leader: str
    mei: str
    ana: str
    eve: str
    club: str

    @property
    def to(self):
        return f"{self.care.origin}/inbox"

    async def say(self, activity, signer):
        status = await self.remote.post(self.to, activity, signer=signer)
        await self.world.settle()
        return status

    async def newcomer(self, name):
        """Publish somebody else on the other server."""
        return self.remote.actor(name, await self.world._keys.take())

    async def let_ana_in(self):
        """Make ana a member of our group."""
        join = self.remote.activity("Join", self.ana, self.group)
        assert await self.say(join, self.ana) == 202
        async with self.care.database.transaction() as tx:
            [request] = await groups.requests(tx, self.group)
            await groups.accept_member(tx, viewer(self.leader), request.membership)
        await self.world.settle()
        return join

    async def let_mei_ask(self):
        """Let mei ask the club elsewhere; returns her Join as it arrived there."""
        found = await find_group(self.care.database, self.club)
        async with self.care.database.transaction() as tx:
            await groups.ask_to_join(tx, self.mei, found, ["skills"])
        await self.world.settle()
        return self.remote.received[-1]

    async def let_mei_in(self):
        """Make mei a member of the club elsewhere."""
        join = await self.let_mei_ask()
        assert await self.say(self.accept(join), self.club) == 202
        return join

    def stamp(self, person, **more):
        return {
            "id": f"{self.club}/affiliations/1",
            "type": "Relationship",
            "attributedTo": self.club,
            "subject": person,
            "object": self.club,
            "relationship": "member",
            **more,
        }

    def accept(self, join, **more):
        stub = {name: join[name] for name in ("id", "type", "actor", "object")}
        return self.remote.activity(
            "Accept", self.club, stub, to=[self.mei], **({"result": self.stamp(self.mei)} | more)
        )

    def share(self, **more):
        return {
            "id": f"{self.remote.origin}/shares/1",
            "type": "DataShare",
            "attributedTo": self.ana,
            "audience": self.group,
            "fields": ["name", "skills"],
            "asOf": wire.instant(self.world.clock()),
            "name": "Ana Lopes",
            "skills": [{"id": f"{self.remote.origin}/ns/skills#ironing", "levelOfSkill": 2}],
            **more,
        }

    async def ask_ana(self):
        """Let our leader ask ana to join; returns the Invite as it arrived at her server."""
        async with self.care.database.transaction() as tx:
            await groups.invite_person(tx, viewer(self.leader), self.group, self.ana)
        await self.world.settle()
        return self.remote.received[-1]

    async def standing_of_ana(self):
        async with self.care.database.reading() as tx:
            row = await membership.membership_of(tx, self.group, self.ana)
            return row.state.value if row else ""

    async def shared(self):
        return [(one.name, one.skills) for one in await reads(self.care, groups.shares, self.group)]

    async def members(self):
        return [one.person for one in await reads(self.care, groups.members, self.group)]

    async def standings(self):
        found = await reads(self.care, groups.standings, self.mei)
        return [(one.group, one.state.value) for one in found]


async def a_stage(world) -> Stage:
    care, remote = await world.instance("care"), await world.remote()
    group, leader = await a_group(care)
    mei = await a_worker(care)
    ana, eve, club = [
        remote.actor(name, await world._keys.take(), kind)
        for name, kind in (("ana", "Person"), ("eve", "Person"), ("club", "Group"))
    ]
    remote.documents["/users/club"] |= {
        "name": "The Club",
        "asks": [{"field": "skills", "essential": True}, {"field": "name"}],
        "asksDays": 100,
    }
    return Stage(world, care, remote, group, leader, mei, ana, eve, club)


@dataclass
class Scene:
    """What is said and by whom; `seen` looks, and sees `after` when the words took effect."""

    activity: dict[str, Any]
    speaker: str
    seen: Callable[[], Awaitable[Any]]
    after: Any


async def join(stage):
    async def asking():
        return [one.person for one in await reads(stage.care, groups.requests, stage.group)]

    return Scene(
        stage.remote.activity("Join", stage.ana, stage.group), stage.ana, asking, [stage.ana]
    )


async def leave(stage):
    await stage.let_ana_in()
    words = stage.remote.activity("Leave", stage.ana, stage.group)
    return Scene(words, stage.ana, stage.members, [])


async def undo_join(stage):
    said = await stage.let_ana_in()
    words = stage.remote.activity("Undo", stage.ana, said)
    return Scene(words, stage.ana, stage.members, [])


async def create_share(stage):
    await stage.let_ana_in()
    words = stage.remote.activity("Create", stage.ana, stage.share())
    return Scene(words, stage.ana, stage.shared, [("Ana Lopes", (("ironing", 2),))])


async def update_share(stage):
    await stage.let_ana_in()
    await stage.say(stage.remote.activity("Create", stage.ana, stage.share()), stage.ana)
    words = stage.remote.activity("Update", stage.ana, stage.share(fields=["skills"]))
    return Scene(words, stage.ana, stage.shared, [(None, (("ironing", 2),))])


async def delete_share(stage):
    await stage.let_ana_in()
    await stage.say(stage.remote.activity("Create", stage.ana, stage.share()), stage.ana)
    gone = {"id": stage.share()["id"], "type": "Tombstone", "formerType": "DataShare"}
    words = stage.remote.activity("Delete", stage.ana, gone)
    return Scene(words, stage.ana, stage.shared, [])


async def accept(stage):
    said = await stage.let_mei_ask()
    return Scene(stage.accept(said), stage.club, stage.standings, [(stage.club, "member")])


async def reject(stage):
    said = await stage.let_mei_ask()
    stub = {name: said[name] for name in ("id", "type", "actor", "object")}
    words = stage.remote.activity("Reject", stage.club, stub)
    return Scene(words, stage.club, stage.standings, [])


async def remove(stage):
    await stage.let_mei_in()
    target = f"{stage.club}/affiliations"
    words = stage.remote.activity("Remove", stage.club, stage.mei, target=target)
    return Scene(words, stage.club, stage.standings, [])


async def invite(stage):
    about = {"id": stage.club, "type": "Group", "name": "The Club"}
    words = stage.remote.activity("Invite", stage.club, about, target=stage.mei)
    return Scene(words, stage.club, stage.standings, [(stage.club, "invited")])


async def accepted_invite(stage):
    """Ana says yes as Mobilizon does: by her membership, which has the Invite's id."""
    asked = await stage.ask_ana()
    member = {"type": "Member", "id": asked["id"], "actor": stage.ana, "object": stage.group}
    words = stage.remote.activity("Accept", stage.ana, member | {"role": "MEMBER"})
    return Scene(words, stage.ana, stage.members, [stage.ana])


async def rejected_invite(stage):
    asked = await stage.ask_ana()
    words = stage.remote.activity("Reject", stage.ana, asked["id"])
    return Scene(words, stage.ana, stage.standing_of_ana, "left")


async def undone_invite(stage):
    said = (await invite(stage)).activity
    assert await stage.say(said, stage.club) == 202
    words = stage.remote.activity("Undo", stage.club, said)
    return Scene(words, stage.club, stage.standings, [])


async def move(stage):
    await stage.let_ana_in()
    bo = await stage.newcomer("bo")
    stage.remote.documents["/users/bo"]["alsoKnownAs"] = [stage.ana]
    words = stage.remote.activity("Move", stage.ana, stage.ana, target=bo)
    return Scene(words, stage.ana, stage.members, [bo])


def stated(stage, actor, key, **changes):
    """Write that the holder of a key of her own says that an actor is hers (FEP-c390)."""
    subject = f"did:key:{key.public.multibase}"
    said = {"type": "VerifiableIdentityStatement", "subject": subject, "alsoKnownAs": actor}
    return sign_document(said | changes, key, subject, stage.world.clock())


async def pull(stage):
    """Bo says that he was ana, which both have signed with one key of their own."""
    key = make_keys().ed25519
    bo = await stage.newcomer("bo")
    for name, actor in (("ana", stage.ana), ("bo", bo)):
        stage.remote.documents[f"/users/{name}"]["attachment"] = [stated(stage, actor, key)]
    await stage.let_ana_in()
    words = stage.remote.activity("Move", bo, stage.ana, target=bo)
    return Scene(words, bo, stage.members, [bo])


async def move_to_us(stage):
    """Ana says that mei is she, mei has confirmed, and the club hands over."""
    async with stage.care.database.transaction() as tx:
        found = groups.FoundPerson(stage.ana, "ana@remote.test", ())
        await groups.confirm_alias(tx, viewer(stage.mei), found)
    left = {
        "group": stage.club,
        "name": "The Club",
        "fields": ["skills"],
        "until": wire.instant(stage.world.clock() + timedelta(days=50)),
    }
    words = stage.remote.activity(
        "Move", stage.ana, stage.ana, target=stage.mei, memberships=[left]
    )
    add = added(stage)

    async def seen():
        assert await stage.remote.post(stage.to, add, signer=stage.club) == 202
        stage.world.clock.advance(minutes=5)
        await stage.world.settle()
        return await stage.standings(), sorted(
            await reads(stage.care, consent.shared_fields, stage.mei, stage.club)
        )

    return Scene(words, stage.ana, seen, ([(stage.club, "member")], ["skills"]))


def added(stage):
    return stage.remote.activity(
        "Add",
        stage.club,
        stage.mei,
        target=f"{stage.club}/affiliations",
        origin=stage.ana,
        result=stage.stamp(stage.mei),
    )


async def add(stage):
    first = await move_to_us(stage)
    assert await stage.say(first.activity, stage.ana) == 202

    async def seen():
        return await stage.standings(), await reads(
            stage.care, agenda.may_invite, stage.mei, stage.club
        )

    return Scene(added(stage), stage.club, seen, ([(stage.club, "member")], True))


SCENES = (
    join,
    leave,
    undo_join,
    create_share,
    update_share,
    delete_share,
    accept,
    reject,
    remove,
    invite,
    accepted_invite,
    rejected_invite,
    undone_invite,
    move,
    move_to_us,
    pull,
    add,
)
