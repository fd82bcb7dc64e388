"""Three ways to sign in: a password, a link that works once, a code that a leader shows."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from urllib.parse import quote

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Database, Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.network import service as network
from instance.people import attempts, passwords, rights, sessions
from instance.people.events import SignInLinkMade
from instance.people.models import LinkKind, Person, Session, SignInLink
from instance.people.sessions import hash_of, make_token
from instance.transparency import service as transparency
from instance.viewer import Viewer

__all__ = ["make_code", "make_link", "make_token"]

LINK_MINUTES = 15
CODE_MINUTES = 10
TRIES = 5
LINKS_AT_MOST = 3
FRESH = timedelta(minutes=15)

_WRONG = "That did not match. Please look it over and try again."
_SPENT = "This link was used before or is too old. Ask for a new one below."


class Asking(msgspec.Struct, frozen=True):
    """From where somebody tries to sign in, and the cookie her device had before."""

    address: str
    device: str = ""
    cookie: str = ""


async def by_password(database: Database, username: str, password: str, asking: Asking) -> str:
    """Sign in with username and password, and return the cookie.

    Raises Invalid alike, and after the same work, for an unknown name and a wrong password;
    TooMany after many tries. Spans transactions: hashing is slow and holds none open.
    """
    async with database.transaction() as tx:
        await attempts.take(tx, asking.address, username)
        person, kept = await _password_of(tx, username)
    if not await passwords.matches(password, kept) or person is None:
        raise Invalid(_WRONG)
    fresh = await passwords.hashed(password) if kept and passwords.is_outdated(kept) else kept
    async with database.transaction() as tx:
        row = await tx.get(Person, person)
        if row is None or row.password != kept:
            raise Invalid(_WRONG)
        row.password = fresh
        return await _enter(tx, person, "password", asking, username)


async def make_link(
    tx: Tx, person: Iri, minutes: int = LINK_MINUTES, purpose: str = "sign-in", to: str = ""
) -> str:
    """Return an address that signs somebody in, once; `to` is the path it leads to."""
    held = sessions.secret()
    row = SignInLink(
        hash=hash_of(held),
        kind=LinkKind.LINK,
        person=person,
        purpose=purpose,
        made=tx.now,
        expires=tx.now + timedelta(minutes=minutes),
        tries=0,
    )
    tx.session.add(row)
    await _forget_old(tx)
    return f"{tx.origin}/sign-in/{held}" + (f"?next={quote(to)}" if to else "")


async def link_works(tx: Tx, held: str) -> bool:
    """Tell whether a link would sign somebody in; looking does not use it up."""
    row = await tx.get(SignInLink, hash_of(held))
    return row is not None and row.kind is LinkKind.LINK and row.expires > tx.now


async def by_link(tx: Tx, held: str, asking: Asking) -> str:
    """Sign in with a link, which is used up, and return the cookie; raise Invalid."""
    used = sa.delete(SignInLink).where(
        SignInLink.hash == hash_of(held),
        SignInLink.kind == LinkKind.LINK,
        SignInLink.expires > tx.now,
    )
    row = (await tx.session.execute(used.returning(SignInLink.person))).first()
    if row is None:
        raise Invalid(_SPENT)
    return await _enter(tx, Iri(row.person), "link", asking)


async def ask_for_link(tx: Tx, name: str, asking: Asking, to: str = "") -> None:
    """Have a link sent to whoever has this username or e-mail address, and say nothing about it.

    Emits SignInLinkMade for accounts with an e-mail address, three times an hour's quarter at
    most. Raises TooMany for a place that asks for very many.
    """
    await attempts.take(tx, asking.address, f"link {name}")
    name = name.strip()
    chosen = sa.select(Person.iri).where(Person.email.is_not(None)).limit(LINKS_AT_MOST)
    actor = await network.actor_named(tx, named(name)) if name else None
    if "@" in name.removeprefix("@"):
        chosen = chosen.where(sa.func.lower(Person.email) == name.lower())
    else:
        chosen = chosen.where(Person.iri == (actor.id if actor else ""))
    for iri in (await tx.session.execute(chosen)).scalars():
        if await attempts.take_few(tx, "link", iri, LINKS_AT_MOST):
            url = await make_link(tx, Iri(iri), to=to)
            tx.emit(SignInLinkMade(Iri(iri), url, LINK_MINUTES))


async def make_code(tx: Tx, viewer: Viewer, person: Iri) -> str:
    """Return six digits with which somebody signs in beside the leader who shows them.

    Only for members of a group the viewer leads; NotFound otherwise. Whoever reads the code can
    come in as her, so only an administrator shows one to those who lead themselves or have a way
    in of their own; Conflict for others. The log keeps that it was shown.
    """
    group = await rights.leads_somebody(tx, viewer, person)
    row = await tx.get(Person, person)
    if group is None or person == viewer.person or row is None:
        raise NotFound
    await rights.require_leader(tx, viewer, group)
    if not viewer.administrator:
        await _check_needs_code(tx, row)
    await _forget_codes(tx, person)
    code = f"{secrets.randbelow(1_000_000):06}"
    link = SignInLink(
        hash=_hash_of_code(person, code),
        kind=LinkKind.CODE,
        person=person,
        purpose="sign-in",
        made=tx.now,
        expires=tx.now + timedelta(minutes=CODE_MINUTES),
        tries=0,
    )
    tx.session.add(link)
    text = "A sign-in code was shown to somebody."
    await transparency.note(
        tx, "people.code_shown", by=viewer.person, group=group, about=person, text=text
    )
    return code


async def by_code(database: Database, username: str, code: str, asking: Asking) -> str:
    """Sign in with a code, and return the cookie.

    Raises Invalid alike for an unknown name, a wrong code and one that is over; after five wrong
    ones the code is worth nothing. TooMany after many tries.
    """
    code = "".join(code.split())
    cookie = None
    async with database.transaction() as tx:
        await attempts.take(tx, asking.address, username)
        actor = await network.actor_named(tx, named(username))
        person = Iri(actor.id) if actor else Iri("")
        if await _code_matches(tx, person, code):
            cookie = await _enter(tx, person, "code", asking, username)
    if cookie is None:
        raise Invalid(_WRONG)
    return cookie


async def set_password(
    database: Database, viewer: Viewer, password: str, current: str = ""
) -> None:
    """Give oneself a new password and sign out every other device.

    Raises Invalid for one that is guessed easily, and without the current one; that is not asked
    for by whom there is none yet, or who has just come by a link from her own mailbox.
    """
    passwords.check(password, viewer.username)
    async with database.reading() as tx:
        row = await tx.get(Person, viewer.person)
        held = await sessions.session(tx, viewer.session)
        if row is None or held is None:
            raise NotFound
        kept, proven = row.password, _came_by_link(held, tx)
    if kept and not proven and not await passwords.matches(current, kept):
        raise Invalid("This is not your current password.", field="current")
    fresh = await passwords.hashed(password)
    async with database.transaction() as tx:
        row = await tx.get(Person, viewer.person)
        if row is None or row.password != kept:
            raise Conflict("Your password was changed elsewhere meanwhile.")
        row.password = fresh
        await sessions.end_all(tx, viewer.person, keep=viewer.session)


def named(text: str) -> str:
    """Return the username in what somebody typed: `mei`, `@mei` or `mei@host`."""
    return text.strip().removeprefix("@").partition("@")[0]


def _came_by_link(held: Session, tx: Tx) -> bool:
    return held.way == "link" and held.made > tx.now - FRESH


async def _password_of(tx: Tx, username: str) -> tuple[Iri | None, str | None]:
    actor = await network.actor_named(tx, named(username))
    row = await tx.get(Person, actor.id if actor else "")
    return (Iri(row.iri), row.password) if row else (None, None)


async def _enter(tx: Tx, person: Iri, way: str, asking: Asking, username: str = "") -> str:
    if username:
        await attempts.clear(tx, asking.address, username)
    return await sessions.start(tx, person, way, asking.device, asking.cookie)


async def _check_needs_code(tx: Tx, row: Person) -> None:
    if await rights.leads_anything(tx, Iri(row.iri)):
        raise Conflict("This person leads a group, so only an administrator can show her a code.")
    been_in = sa.select(Session.person).where(Session.person == row.iri).limit(1)
    by_link = row.email is not None and (await tx.session.execute(been_in)).first() is not None
    if row.password is not None or by_link:
        raise Conflict(
            "She has a way in of her own: her password, or a link by e-mail. Should she have lost "
            "it, an administrator can show her a code."
        )


async def _code_matches(tx: Tx, person: Iri, code: str) -> bool:
    """Use a code up; a wrong guess counts, and the fifth throws the code away."""
    chosen = sa.select(SignInLink).where(
        SignInLink.person == person,
        SignInLink.kind == LinkKind.CODE,
        SignInLink.expires > tx.now,
    )
    row = (await tx.session.execute(chosen.with_for_update())).scalars().first()
    if row is None:
        return False
    row.tries += 1
    right = hmac.compare_digest(row.hash, _hash_of_code(person, code))
    if right or row.tries >= TRIES:
        await tx.session.delete(row)
    return right


def _hash_of_code(person: Iri, code: str) -> str:
    return hash_of(f"{person} {code}")


async def _forget_codes(tx: Tx, person: Iri) -> None:
    await tx.session.execute(
        sa.delete(SignInLink).where(SignInLink.person == person, SignInLink.kind == LinkKind.CODE)
    )


async def _forget_old(tx: Tx) -> None:
    await tx.session.execute(sa.delete(SignInLink).where(SignInLink.expires <= tx.now))
