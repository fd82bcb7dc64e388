"""ActivityPub between servers: one road in, one road out, and what a host has to offer.

What is said becomes true with the transaction it is said in, or not at all, and arrives at least
once. What is received takes effect exactly once.

A host has a directory of who lives there and a database (`federation.ports` says what is asked of
them), makes one `Federation`, names receivers for the activities it understands, and serves the
federation's routes. `federation.sql.smallhost` is such a host in a few lines. Two of them, on real
sockets under pretend names, with a clock that stands still:

    from datetime import UTC, datetime, timedelta
    from federation import Activity, TryLater
    from federation.sql.smallhost import SmallHost
    from federation.testing import Network

    network = Network()
    noon = datetime(2027, 1, 4, 12, tzinfo=UTC)
    hosts = {}
    for name in ("bakery", "dairy"):
        hosts[name] = SmallHost(f"http://{name}.test", clock=lambda: noon, reach=network.reach)
        await hosts[name].open()
        await network.serve(f"{name}.test", hosts[name].application())
    bakery, dairy = hosts["bakery"], hosts["dairy"]
    bea = await bakery.add("Person", "bea")
    dan = await dairy.add("Person", "dan")

Receivers are named by the chain of types down to the first thing that is no activity. What one
writes in the transaction it is handed becomes true together with "received". One that comes before
what it answers raises `TryLater`; one that may not be said raises `Forbidden` or `Malformed`:

    offers, answers = {}, []

    async def receive_offer(tx, activity: Activity) -> None:
        offers[activity.id] = activity.object["name"]
        answer = {
            "id": dairy.federation.new_id(),
            "type": "Accept",
            "actor": dan,
            "object": activity.document,
            "to": [activity.actor],
        }
        await dairy.federation.send(tx, answer)

    async def receive_accept(tx, activity: Activity) -> None:
        if not activity.proven_object()["id"].startswith("http://bakery.test/"):
            raise TryLater("we have not offered that yet")
        answers.append((activity.actor, activity.object["object"]["name"]))

    dairy.federation.on("Offer", "Object", receiver=receive_offer)
    bakery.federation.on("Accept", "Offer", "Object", receiver=receive_accept)

To speak is to say something in a transaction of one's own. The host writes what was said when that
ends: just before a commit it awaits `write`. Afterwards `step` carries what is on its way; a host
calls it in the background, again and again:

    offer = {
        "id": bakery.federation.new_id(),
        "type": "Offer",
        "actor": bea,
        "object": {"type": "Object", "name": "ten loaves"},
        "to": [dan],
    }
    async with bakery.transaction() as tx:
        await bakery.federation.send(tx, offer)

    while any([await host.federation.step() for host in hosts.values()]):
        pass
    assert offers == {offer["id"]: "ten loaves"}
    assert answers == [(dan, "ten loaves")]

`federation.testing` has a server of another kind, too. It signs, remembers what it is sent, and
misbehaves on command: by a status, or by a manner such as `drips`, `floods` or `hangs_up`. What it
does not take comes again, later and later:

    from federation.testing import RemoteServer, hangs_up

    remote = await RemoteServer.start(network, "remote.test", lambda: noon)
    ana = remote.actor("ana")
    follow = remote.activity("Follow", ana, bea, to=[bea])
    remote.answers["*"] = hangs_up()
    assert await remote.post("http://bakery.test/inbox", follow, signer=ana) == 202
    while await bakery.federation.step():
        pass
    assert remote.received == []
    remote.answers.clear()
    noon += timedelta(minutes=1)
    while await bakery.federation.step():
        pass
    assert [one["type"] for one in remote.received] == ["Accept"]

    for host in hosts.values():
        await host.close()
    await network.close()

A host in earnest names its database (`SmallHost` takes any `url` of SQLAlchemy's for SQLite or
PostgreSQL) and leaves `reach` away: then nothing but public https is reached. Its application
serves `routes`, has `guard` among its middlewares, and answers for whatever has an id of the
host's: actors by `document_of`, and the objects that it speaks of.
"""

from federation.activity import PUBLIC, Activity, Document, addressees
from federation.errors import (
    FederationError,
    Forbidden,
    Gone,
    Malformed,
    TryLater,
    Unauthenticated,
    Unreachable,
)
from federation.federation import Federation, new_token
from federation.fetch import Reach
from federation.identity import identities_of, state_identity
from federation.iri import Iri, ed25519_key_id, origin_of, same_origin
from federation.keypool import KeyPool
from federation.keys import KeyPair, PublicKey, read_multikey
from federation.limits import Limits
from federation.ports import ActorKeys, Database, Directory, FormerKeys, LocalActor
from federation.routing import IfThere
from federation.standing import Standing, subject_of

__all__ = [
    "PUBLIC",
    "Activity",
    "ActorKeys",
    "Database",
    "Directory",
    "Document",
    "Federation",
    "FederationError",
    "Forbidden",
    "FormerKeys",
    "Gone",
    "IfThere",
    "Iri",
    "KeyPair",
    "KeyPool",
    "Limits",
    "LocalActor",
    "Malformed",
    "PublicKey",
    "Reach",
    "Standing",
    "TryLater",
    "Unauthenticated",
    "Unreachable",
    "addressees",
    "ed25519_key_id",
    "identities_of",
    "new_token",
    "origin_of",
    "read_multikey",
    "same_origin",
    "state_identity",
    "subject_of",
]
