"""Requests of which something was changed: answered without a fault, and kept only as signed.

The soak of benchmarks/ sends a hundred thousand of them; here are a few hundred.
"""

from __future__ import annotations

import msgspec

from benchmarks.mutations import changed_document, changed_request, drawn, encoded
from federation.iri import ed25519_key_id, main_key_id
from federation.signatures import Manner, sign_request
from tests.federation.host import activity

MANY = 300


async def test_mutated_requests_are_no_fault_of_ours_and_kept_only_as_they_were_signed(small):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    statuses, honest = [], []
    async with small.network.client(skip_auto_headers=["Date", "Content-Type"]) as client:
        for number, mutation in enumerate(drawn(7, MANY)):
            document = changed_document(activity(ana), mutation)
            body = encoded(document)
            if document["actor"] == ana:
                honest.append(msgspec.json.decode(body))
            headers = signed(small, remote, ana, f"{here.origin}/inbox", body, newer=number % 2)
            body, headers = changed_request(body, headers, mutation)
            async with client.post(f"{here.origin}/inbox", data=body, headers=headers) as answer:
                statuses.append(answer.status)
    await small.settle()

    assert set(statuses) <= {202, 400, 401, 403, 413, 415, 503}
    assert len([one for one in statuses if one == 503]) < MANY / 50
    inbox = here.federation.store.inbox.tables.inbox
    async with here.reading() as tx:
        rows = (await tx.execute(inbox.select())).all()
    assert len(rows) > MANY / 20
    assert [row.id for row in rows if msgspec.json.decode(row.body) not in honest] == []


def signed(small, remote, who, url, body, *, newer):
    keys = remote.actors[who].keys
    return sign_request(
        method="POST",
        url=url,
        key_id=ed25519_key_id(who) if newer else main_key_id(who),
        key=keys.ed25519 if newer else keys.rsa,
        now=small.clock(),
        body=body,
        manner=Manner.RFC9421_ED25519 if newer else Manner.CAVAGE,
    )
