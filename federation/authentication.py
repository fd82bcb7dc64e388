"""Who speaks: the signer of a request, and whose proof a document carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from federation.activity import Activity, Document
from federation.actors import Actors
from federation.errors import FederationError, Gone, Unauthenticated
from federation.iri import Iri
from federation.keys import PublicKey
from federation.ports import Clock
from federation.proofs import proof_method, verify_document
from federation.signatures import RequestSignature, read_signature


def is_signed(request: web.Request) -> bool:
    """Tell whether a request carries a signature, of whichever generation."""
    return "Signature" in request.headers or "Signature-Input" in request.headers


class Authentication:
    """Finds out who speaks, with keys taken from the speaker's own host."""

    def __init__(self, origin: str, actors: Actors, clock: Clock) -> None:
        self._origin = origin
        self._actors = actors
        self._clock = clock

    async def require_actor(
        self, request: web.Request, body: bytes, activity: Activity
    ) -> frozenset[str]:
        """Raise unless the request's signature or the document's proof is the actor's own.

        A valid proof is as good as a signature, whoever carried the document here (FEP-8b32).
        Returns what the actor's own signature covers besides: nothing where it was the proof.
        """
        proven = proof_method(activity.document) is not None
        if is_signed(request):
            try:
                signature = self._read(request, body)
                signer = await self._owner_after(signature.key_id, signature.verify)
                if signer == activity.actor:
                    return signature.covered
            except FederationError:
                if not proven:
                    raise
        if not proven:
            raise Unauthenticated("Neither a signature nor a proof is the actor's own.")
        await self.require_proof(activity.document, activity.actor)
        return frozenset()

    async def signer(self, request: web.Request, body: bytes | None) -> Iri:
        """Return whose key signed a request; raise when that cannot be told."""
        signature = self._read(request, body)
        return await self._owner_after(signature.key_id, signature.verify)

    def _read(self, request: web.Request, body: bytes | None) -> RequestSignature:
        return read_signature(
            request.method,
            request.raw_path,
            request.headers,
            body,
            origin=self._origin,
            now=self._clock(),
        )

    async def require_proof(self, document: Document, owner: str) -> None:
        """Raise unless a document carries a valid proof by its owner."""
        method = proof_method(document)
        if method is None:
            raise Unauthenticated("There is no proof.")
        if await self._owner_after(method, lambda key: verify_document(document, key)) != owner:
            raise Unauthenticated("The proof is somebody else's.")

    async def _owner_after(self, key_id: str, check: Callable[[PublicKey], None]) -> Iri:
        """Check with the key we know, or else with the key as it is now; return whose it is."""
        try:
            known = await self._actors.key(key_id)
        except Gone as error:
            raise Unauthenticated("The signer's key is gone.") from error
        await asyncio.sleep(0)  # and what came together is verified together
        try:
            check(known.key)
        except Unauthenticated:
            fresh = await self._actors.refreshed_key(key_id)
            if fresh is None or fresh.key == known.key:
                raise
            check(fresh.key)
            return fresh.owner
        return known.owner
