"""Idempotency-Key: a POST that a program repeats is answered as the first time, done once."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.orm import Mapped, mapped_column

from instance import due
from instance.db import Base, Tx
from instance.errors import Conflict, Invalid
from instance.web import DATABASE, Handler, maybe_viewer

KEEP = timedelta(days=2)
KIND = "idempotency.forget"
LOST = timedelta(minutes=1)
"""After so long a request that was not answered is taken to have died with its server."""


class Answered(Base):
    """The answer that was given to a POST with an Idempotency-Key."""

    __tablename__ = "answered"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    status: Mapped[int | None]
    location: Mapped[str | None]
    content_type: Mapped[str | None]
    body: Mapped[bytes | None]


@web.middleware
async def answer_once(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do a POST once for each Idempotency-Key of a viewer, and repeat its answer."""
    given = request.headers.get("Idempotency-Key")
    viewer = maybe_viewer(request)
    if not given or request.method != "POST" or viewer is None:
        return await handler(request)
    if len(given) > 200:
        raise Invalid("The Idempotency-Key is longer than 200 characters.")
    # A page and its twin for programs are one: what a browser sent first, its queue may send again.
    key = f"{viewer.person} {request.path.removesuffix('.json')} {given}"
    async with request.app[DATABASE].transaction() as tx:
        earlier = await tx.session.get(Answered, key, with_for_update=True)
        if earlier is None:
            tx.session.add(Answered(key=key, at=tx.now))
            await due.schedule(tx, tx.now + KEEP, KIND, key)
        elif earlier.status is None and earlier.at <= tx.now - LOST:
            earlier.at, earlier = tx.now, None
    if earlier is not None:
        return _repeat(earlier)
    try:
        answer = await handler(request)
    except BaseException:
        async with request.app[DATABASE].transaction() as tx:
            await forget(tx, key)
        raise
    async with request.app[DATABASE].transaction() as tx:
        await _keep(tx, key, answer)
    return answer


async def forget(tx: Tx, key: str) -> None:
    """Forget an answer, when it is old or there was none."""
    await tx.session.execute(sa.delete(Answered).where(Answered.key == key))


async def _keep(tx: Tx, key: str, answer: web.StreamResponse) -> None:
    row = await tx.get(Answered, key)
    if row is None or not isinstance(answer, web.Response):
        return
    row.status = answer.status
    if answer.headers.get("Cache-Control") == "no-store":
        return  # a token or a code: shown once, kept nowhere
    row.location = answer.headers.get("Location")
    row.content_type = answer.content_type
    row.body = answer.body if isinstance(answer.body, bytes) else None


def _repeat(earlier: Answered) -> web.Response:
    if earlier.status is None:
        raise Conflict("The first request with this key is still under way.", code="under_way")
    if earlier.body is None and earlier.location is None:
        raise Conflict("This was done already; its answer held a secret and was not kept.")
    headers = {"Location": earlier.location} if earlier.location else {}
    return web.Response(
        status=earlier.status,
        body=earlier.body,
        content_type=earlier.content_type or "application/json",
        headers=headers,
    )
