"""The library as somebody meets it who lifts it out: what is forgiven, and what is said at once."""

import inspect

import pytest

import federation
from federation.errors import Missing
from federation.fetch import Reach
from federation.limits import Limits
from federation.ports import ActorKeys, LocalActor
from federation.sql.smallhost import SmallHost
from federation.testing import Network, RemoteServer
from tests.federation.host import AS2, say, waiting


async def test_what_is_sent_without_a_context_goes_out_with_one_that_its_proof_covers(small):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    said = {"id": here.federation.new_id(), "type": "Like", "actor": here.instance_actor}
    async with here.transaction() as tx:
        signed = await here.federation.send(tx, {**said, "object": ana, "to": [ana]})
    await small.settle()

    [heard] = remote.received
    assert heard == signed
    assert heard["@context"] == [AS2, "https://w3id.org/security/data-integrity/v2"]
    assert heard["proof"]["@context"] == heard["@context"]


async def test_a_remote_server_needs_no_clock_of_its_own():
    network = Network()
    remote = await RemoteServer.start(network, "remote.test")

    assert remote.proven({"id": "x"}, remote.actor("ana"))["proof"]["created"]
    await network.close()


async def test_actors_of_a_remote_server_are_found_as_people_write_them(small):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")

    assert (await here.federation.find("@ana@remote.test"))["id"] == ana
    with pytest.raises(Missing):
        await here.federation.find("@bo@remote.test")


async def test_a_remote_server_is_down_as_a_whole_on_command(small):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    remote.answers["*"] = 503
    await say(here, ana)
    await small.settle()
    assert [one.status for one in await waiting(here)] == [503]

    remote.answers["/users/ana/inbox"] = 202
    small.clock.advance(minutes=1)
    await small.settle()
    assert len(remote.received) == 1


async def test_a_receiver_that_cannot_be_awaited_is_refused_when_it_is_named(small):
    here = await small.host()
    with pytest.raises(TypeError, match="Create of Note has to be an async function"):
        here.federation.on("Create", "Note", receiver=lambda _tx, _activity: None)


async def test_an_id_that_was_used_before_is_named(any_small):
    here, remote = await any_small.host(), await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    said = {"id": here.federation.new_id(), "type": "Like", "actor": here.instance_actor}
    said |= {"object": ana, "to": [ana]}
    async with here.transaction() as tx:
        await here.federation.send(tx, said)
    with pytest.raises(ValueError, match=f"{said['id']} was said before"):
        async with here.transaction() as tx:
            await here.federation.send(tx, said)
    await any_small.settle()
    assert len(remote.received) == 1


@pytest.mark.parametrize(
    "made", [federation.Federation, SmallHost, LocalActor, ActorKeys, Reach, Limits]
)
def test_whatever_is_asked_for_can_be_had_from_the_package(made):
    """What a host has to hand over is named in `federation` itself, whatever file it lives in."""
    from_here = vars(inspect.getmodule(made)) | vars(federation)
    named = {
        one
        for parameter in inspect.signature(made).parameters.values()
        for one in str(parameter.annotation).replace("|", " ").replace("[", " ").split()
        if inspect.isclass(from_here.get(one))
        and from_here[one].__module__.startswith("federation.")
    }
    assert named - set(federation.__all__) <= {"SqlStore"}, "which is in federation.sql"


def test_every_public_name_says_what_it_is_for():
    for name in federation.__all__:
        thing = getattr(federation, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__doc__, name
            assert not thing.__doc__.startswith(f"{name}("), f"{name} has only what Python wrote"
