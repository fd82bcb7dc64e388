"""ActivityPub between servers: one road in, one road out, and what a host has to offer.

What is said becomes true with the transaction it is said in, or not at all, and arrives at least
once. What is received takes effect exactly once.

A host has a directory of who lives there and a database (`federation.ports` says what is asked of
them), makes one `Federation`, names receivers for the activities it understands, and serves the
federation's routes. `federation.sql.smallhost` is such a host in a few lines. Two of them, on real
sockets under pretend names, with a clock that stands still:

    from datetime import UTC, datetime
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

    for host in hosts.values():
        await host.close()
    await network.close()
"""

from federation.activity import PUBLIC, Activity, Document
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
from federation.identity import identities_of
from federation.iri import Iri, ed25519_key_id, origin_of, same_origin
from federation.keys import KeyPair, PublicKey, read_multikey
from federation.ports import ActorKeys, Directory, FormerKeys, LocalActor
from federation.routing import IfThere
from federation.standing import Standing, subject_of

__all__ = [
    "PUBLIC",
    "Activity",
    "ActorKeys",
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
    "LocalActor",
    "Malformed",
    "PublicKey",
    "Standing",
    "TryLater",
    "Unauthenticated",
    "Unreachable",
    "ed25519_key_id",
    "identities_of",
    "new_token",
    "origin_of",
    "read_multikey",
    "same_origin",
    "subject_of",
]
