"""Who asks: devices on which somebody is signed in, and programs that act for her."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.network import service as network
from instance.people.models import CALENDAR, Person, Right, Role, Session, Token
from instance.people.rights import LEADING
from instance.people.views import SessionView, TokenView
from instance.viewer import Viewer

KEEP = timedelta(days=30)
TOUCH = timedelta(hours=12)
SCOPE = re.compile(r"self|admin|group:[A-Za-z0-9_-]{1,40}:lead")
FORGET = "people.forget_session"
_PREFIX = "ayni_"


def secret() -> str:
    """Return 43 characters that nobody can guess: 256 bits."""
    return secrets.token_urlsafe(32)


def hash_of(held: str) -> str:
    """Return what is kept of a secret: its SHA-256."""
    return hashlib.sha256(held.encode()).hexdigest()


async def start(tx: Tx, person: Iri, way: str, device: str = "", replaces: str = "") -> str:
    """Sign somebody in on a device and return the cookie; `replaces` is one it had before."""
    if replaces:
        await end(tx, replaces)
    cookie = secret()
    row = Session(
        hash=hash_of(cookie),
        id=secrets.token_urlsafe(12),
        person=person,
        way=way,
        device=device[:100],
        made=tx.now,
        seen=tx.now,
        expires=tx.now + KEEP,
    )
    tx.session.add(row)
    await due.schedule(tx, row.expires, FORGET, row.hash)
    return cookie


async def forget(tx: Tx, hashed: str) -> None:
    """Throw a session away that is over, or come back when it will be."""
    row = await tx.get(Session, hashed)
    if row and row.expires > tx.now:
        await due.schedule(tx, row.expires, FORGET, hashed)
    elif row:
        await tx.session.delete(row)


async def end(tx: Tx, cookie: str) -> None:
    """Sign a device out by its cookie."""
    await tx.session.execute(sa.delete(Session).where(Session.hash == hash_of(cookie)))


async def end_by_id(tx: Tx, person: Iri, identifier: str) -> None:
    """Sign one of a person's devices out; raise NotFound when it is not hers."""
    ended = sa.delete(Session).where(Session.person == person, Session.id == identifier)
    if (await tx.session.execute(ended.returning(Session.id))).first() is None:
        raise NotFound


async def end_all(tx: Tx, person: Iri, keep: str = "") -> None:
    """Sign somebody out everywhere, but not where the cookie `keep` is."""
    ended = sa.delete(Session).where(Session.person == person, Session.hash != hash_of(keep))
    await tx.session.execute(ended)


async def session(tx: Tx, cookie: str) -> Session | None:
    """Return the session of a cookie, unless it is over."""
    row = await tx.get(Session, hash_of(cookie)) if 0 < len(cookie) < 200 else None
    return row if row and row.expires > tx.now else None


async def device_of(tx: Tx, cookie: str) -> str:
    """Return what kind of device somebody signed in on with a cookie."""
    row = await session(tx, cookie)
    return row.device if row else ""


async def living(tx: Tx, persons: Iterable[Iri]) -> set[str]:
    """Return the sessions of these people, by their hashes, that are not over."""
    wanted = sorted(set(persons))
    chosen = sa.select(Session.hash).where(Session.person.in_(wanted), Session.expires > tx.now)
    return set((await tx.session.scalars(chosen)).all()) if wanted else set()


async def sessions(tx: Tx, viewer: Viewer) -> list[SessionView]:
    """List where somebody is signed in, the latest first."""
    chosen = sa.select(Session).where(Session.person == viewer.person, Session.expires > tx.now)
    rows = (await tx.session.execute(chosen.order_by(Session.seen.desc()))).scalars()
    here = hash_of(viewer.session)
    return [
        SessionView(one.id, one.way, one.device, one.made, one.seen, one.hash == here)
        for one in rows
    ]


async def viewer_by_cookie(tx: Tx, cookie: str) -> tuple[Viewer | None, bool]:
    """Return who is signed in with a cookie, and whether that should be noted by `touch`."""
    row = await session(tx, cookie)
    if row is None:
        return None, False
    return await _viewer(tx, row.person, session=cookie), row.seen <= tx.now - TOUCH


async def viewer_by_token(tx: Tx, bearer: str) -> tuple[Viewer | None, bool]:
    """Return for whom a bearer token acts, and whether that should be noted by `touch`."""
    row = await tx.get(Token, hash_of(bearer)) if 0 < len(bearer) < 200 else None
    if row is None or row.scopes == [CALENDAR] or (row.expires and row.expires <= tx.now):
        return None, False
    stale = row.seen is None or row.seen <= tx.now - TOUCH
    return await _viewer(tx, row.person, scopes=frozenset(row.scopes)), stale


async def touch(tx: Tx, held: str) -> None:
    """Note that a cookie or token is in use; a cookie lasts a month from then."""
    hashed = hash_of(held)
    await tx.session.execute(
        sa.update(Session).where(Session.hash == hashed).values(seen=tx.now, expires=tx.now + KEEP)
    )
    await tx.session.execute(sa.update(Token).where(Token.hash == hashed).values(seen=tx.now))


async def make_token(
    tx: Tx, person: Iri, scopes: Iterable[str], label: str, days: int | None = None
) -> str:
    """Let a program act for somebody and return its bearer token, which is shown once.

    Scopes are `self`, `group:<id>:lead` and `admin`; they limit her rights and add none. Raises
    Invalid for others.
    """
    wanted = sorted(set(scopes))
    if not wanted or not all(SCOPE.fullmatch(one) for one in wanted):
        raise Invalid("A token has the scopes self, group:<id>:lead or admin.", field="scopes")
    bearer = _PREFIX + secret()
    row = Token(
        hash=hash_of(bearer),
        id=secrets.token_urlsafe(12),
        person=person,
        label=label.strip()[:100],
        scopes=wanted,
        made=tx.now,
        expires=tx.now + timedelta(days=days) if days else None,
    )
    tx.session.add(row)
    return bearer


async def tokens(tx: Tx, person: Iri) -> list[TokenView]:
    """List the programs that may act for somebody, the newest first."""
    chosen = sa.select(Token).where(Token.person == person).order_by(Token.made.desc())
    return [
        TokenView(one.id, one.label, tuple(one.scopes), one.made, one.seen, one.expires)
        for one in (await tx.session.execute(chosen)).scalars()
        if one.scopes != [CALENDAR]
    ]


async def revoke_token(tx: Tx, person: Iri, identifier: str) -> None:
    """Let a program act for somebody no longer; raise NotFound when it is not hers."""
    revoked = sa.delete(Token).where(Token.person == person, Token.id == identifier)
    if (await tx.session.execute(revoked.returning(Token.id))).first() is None:
        raise NotFound


async def _viewer(
    tx: Tx, person: str, *, session: str = "", scopes: frozenset[str] | None = None
) -> Viewer | None:
    row = await tx.get(Person, person)
    chosen = sa.select(Right.group, Right.role).where(
        Right.person == person, Right.role.in_(LEADING)
    )
    rights = (await tx.session.execute(chosen)).all()
    groups = {one.group for one in rights}
    names = await network.names_of(tx, [person, *groups])
    if row is None or person not in names:
        return None
    return Viewer(
        person=Iri(person),
        name=row.name,
        username=names[person][0],
        language=row.language,
        scopes=scopes,
        leads=tuple(Iri(one) for one in names if one in groups),
        administrator=any(one.role is Role.ADMINISTRATOR for one in rights),
        session=session,
    )
