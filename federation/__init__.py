"""ActivityPub between servers: one road in, one road out, and what a host has to offer.

A host makes one `Federation`, names receivers for the activities it understands, serves its
routes, and sends inside its own transactions:

    federation = Federation(directory=…, database=…, store=…, clock=…)
    federation.on("Offer", "Agreement", receiver=receive_offer)
    application.add_routes(federation.routes())

    async with database.transaction() as tx:
        await federation.send(tx, {"type": "Create", …})

What is sent becomes true with the transaction or not at all, and arrives at least once; what is
received takes effect exactly once.
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
from federation.iri import Iri, origin_of, same_origin
from federation.keys import KeyPair
from federation.ports import ActorKeys, Directory, LocalActor

__all__ = [
    "PUBLIC",
    "Activity",
    "ActorKeys",
    "Directory",
    "Document",
    "Federation",
    "FederationError",
    "Forbidden",
    "Gone",
    "Iri",
    "KeyPair",
    "LocalActor",
    "Malformed",
    "TryLater",
    "Unauthenticated",
    "Unreachable",
    "new_token",
    "origin_of",
    "same_origin",
]
