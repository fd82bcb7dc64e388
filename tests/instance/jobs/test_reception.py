"""Features that share a chain of types are asked in the table's order."""

from __future__ import annotations

from federation import Activity
from instance.reception import Received, register


class Named:
    """Remembers what was named, as a federation does."""

    def __init__(self):
        self.chains = {}

    def on(self, *types, receiver, needs=None, kind=None):
        assert types not in self.chains
        self.chains[types] = receiver, needs


def heard_by(name, log):
    async def receive(tx, activity):
        log.append(name)

    return receive


def activity(kind, **inner):
    return Activity(
        document={"object": {"id": "https://a.test/1", **inner}},
        id="https://a.test/2",
        type=kind,
        actor="https://a.test/3",
    )


def table(verb, log):
    return [
        Received((verb, "Note"), heard_by("job", log), when=lambda one: "purpose" in one.object),
        Received(
            (verb, "Note"),
            heard_by("reply", log),
            needs=lambda one: [one.object["inReplyTo"]],
            when=lambda one: "inReplyTo" in one.object,
        ),
        Received((verb, "Note"), heard_by("post", log)),
    ]


async def test_the_first_who_is_willing_receives():
    named, log = Named(), []
    register(named, table("Create", log))
    receive, needs = named.chains["Create", "Note"]
    for inner in ({"purpose": 1, "inReplyTo": "x"}, {"inReplyTo": "x"}, {}):
        await receive(None, activity("Create", **inner))

    assert log == ["job", "reply", "post"]
    assert list(needs(activity("Create", inReplyTo="x"))) == ["x"]
    assert list(needs(activity("Create", purpose=1, inReplyTo="x"))) == []


async def test_all_who_are_willing_hear_of_a_delete():
    named, log = Named(), []
    register(named, table("Delete", log))
    await named.chains["Delete", "Note"][0](None, activity("Delete", purpose=1))

    assert log == ["job", "post"]


async def test_who_shares_with_nobody_is_named_as_it_is():
    named, log = Named(), []
    alone = Received(("Like", "*"), heard_by("like", log))
    register(named, [alone])

    assert named.chains == {("Like", "*"): (alone.receiver, None)}
