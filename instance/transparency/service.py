"""Keep who decided what, so that nobody can change it afterwards and anybody can check."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.transparency.models import Entry, Head, Salt

START = "0" * 64
BATCH = 500


class EntryView(msgspec.Struct, frozen=True):
    """One act as it stands in the log; `by` and `about` are None once a salt was erased."""

    seq: int
    at: datetime
    kind: str
    decision: str
    group: Iri | None
    by: Iri | None
    about: Iri | None
    text: str
    values: dict[str, Any]
    digest: str


class Verdict(msgspec.Struct, frozen=True):
    """Whether the chain holds: how many entries were read, and the first that does not fit."""

    entries: int
    broken_at: int | None
    head: str

    @property
    def holds(self) -> bool:
        """Whether every entry fits the one before it and none is missing at the end."""
        return self.broken_at is None


@dataclass(frozen=True, slots=True)
class _Link:
    seq: int
    at: datetime
    decision: str
    kind: str
    group: str | None
    by_mark: str
    about_mark: str | None
    text: str
    values: Mapping[str, Any]
    previous: str

    def digest(self) -> str:
        """Hash what is said, where it stands, and all that stands before it."""
        said = [
            self.previous,
            self.seq,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.decision,
            self.kind,
            self.group,
            self.by_mark,
            self.about_mark,
            self.text,
            self.values,
        ]
        return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


async def note(
    tx: Tx,
    kind: str,
    *,
    by: Iri,
    group: Iri | None = None,
    about: Iri | None = None,
    text: str = "",
    **values: Any,
) -> str:
    """Add an act to the log and return its decision id, which may go on the wire.

    `text` is an English sentence with `%(name)s` places that `values` fill; the page says it in
    the reader's language. Neither may name a person: `by` and `about` do, as salted hashes.
    """
    if values:
        _ = text % values  # a place without its value is found here, not by a reader
    head = await _take_head(tx)
    link = _Link(
        seq=head.seq + 1,
        at=tx.now,
        decision=secrets.token_urlsafe(16),
        kind=kind,
        group=group,
        by_mark=await _mark(tx, by),
        about_mark=await _mark(tx, about) if about else None,
        text=text,
        values=msgspec.to_builtins(values),
        previous=head.digest,
    )
    head.seq, head.digest = link.seq, link.digest()
    tx.session.add(_row(link))
    return link.decision


async def entries(tx: Tx, before: int | None = None, limit: int = 50) -> list[EntryView]:
    """List acts, newest first, from just below the number `before`."""
    chosen = sa.select(Entry).order_by(Entry.seq.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(Entry.seq < before)
    return await _views(tx, (await tx.session.execute(chosen)).scalars().all())


async def decision(tx: Tx, identifier: str) -> EntryView | None:
    """Return the act with this decision id."""
    chosen = sa.select(Entry).where(Entry.decision == identifier)
    views = await _views(tx, (await tx.session.execute(chosen)).scalars().all())
    return views[0] if views else None


async def about(tx: Tx, person: Iri, limit: int = 50) -> list[EntryView]:
    """List the acts about one person, newest first."""
    marks = sa.select(Salt.mark).where(Salt.person == person)
    chosen = (
        sa.select(Entry).where(Entry.about_mark.in_(marks)).order_by(Entry.seq.desc()).limit(limit)
    )
    return await _views(tx, (await tx.session.execute(chosen)).scalars().all())


async def count_entries(tx: Tx) -> int:
    """Return how many acts the log holds."""
    head = await tx.get(Head, 1)
    return head.seq if head else 0


async def verify(tx: Tx, newest: int | None = None) -> Verdict:
    """Read the chain and say whether every entry fits the one before it.

    With `newest`, read only about so many of the latest entries, which takes the same short time
    however long the log grows.
    """
    head = await tx.get(Head, 1)
    previous, count = START, 0
    if newest is not None and head and head.seq > newest:
        start = sa.select(Entry.seq, Entry.digest).where(Entry.seq == head.seq - newest)
        first = (await tx.session.execute(start)).one_or_none()
        if first is None:
            return Verdict(0, head.seq - newest, START)
        previous, count = first.digest, first.seq
    while True:
        chosen = sa.select(Entry).where(Entry.seq > count).order_by(Entry.seq).limit(BATCH)
        rows = (await tx.session.execute(chosen)).scalars().all()
        for row in rows:
            if not _fits(row, count + 1, previous):
                return Verdict(count, count + 1, previous)
            previous, count = row.digest, row.seq
        if len(rows) < BATCH:
            break
        tx.session.expunge_all()
    ends = (head.seq, head.digest) if head else (0, START)
    return Verdict(count, None if ends == (count, previous) else count + 1, previous)


async def erase(tx: Tx, person: Iri) -> None:
    """Forget who is meant by a person's mark; the entries and the chain stay as they are."""
    await tx.session.execute(sa.delete(Salt).where(Salt.person == person))


def _fits(row: Entry, seq: int, previous: str) -> bool:
    link = _Link(
        row.seq,
        row.at,
        row.decision,
        row.kind,
        row.group,
        row.by_mark,
        row.about_mark,
        row.text,
        row.values,
        row.previous,
    )
    return row.seq == seq and row.previous == previous and row.digest == link.digest()


def _row(link: _Link) -> Entry:
    return Entry(
        seq=link.seq,
        decision=link.decision,
        at=link.at,
        kind=link.kind,
        group=link.group,
        by_mark=link.by_mark,
        about_mark=link.about_mark,
        text=link.text,
        values=dict(link.values),
        previous=link.previous,
        digest=link.digest(),
    )


async def _take_head(tx: Tx) -> Head:
    await _insert_once(tx, Head, {"one": 1, "seq": 0, "digest": START})
    chosen = sa.select(Head).where(Head.one == 1).with_for_update()
    taken = await tx.session.execute(chosen.execution_options(populate_existing=True))
    return taken.scalar_one()


async def _mark(tx: Tx, person: Iri) -> str:
    known = sa.select(Salt.mark).where(Salt.person == person)
    mark = (await tx.session.execute(known)).scalar_one_or_none()
    if mark is None:
        salt = secrets.token_hex(16)
        mark = hashlib.sha256(f"{salt} {person}".encode()).hexdigest()
        await _insert_once(tx, Salt, {"mark": mark, "person": person, "salt": salt})
    return mark


async def _insert_once(tx: Tx, table: type[Head | Salt], values: Mapping[str, Any]) -> None:
    await tx.session.execute(tx.insert(table).values(**values).on_conflict_do_nothing())


async def _views(tx: Tx, rows: Sequence[Entry]) -> list[EntryView]:
    people = await _people(tx, {m for row in rows for m in (row.by_mark, row.about_mark) if m})
    return [
        EntryView(
            seq=row.seq,
            at=row.at,
            kind=row.kind,
            decision=row.decision,
            group=Iri(row.group) if row.group else None,
            by=people.get(row.by_mark),
            about=people.get(row.about_mark) if row.about_mark else None,
            text=row.text,
            values=row.values,
            digest=row.digest,
        )
        for row in rows
    ]


async def _people(tx: Tx, marks: Iterable[str]) -> dict[str, Iri]:
    wanted = sorted(set(marks))
    if not wanted:
        return {}
    found = await tx.session.execute(sa.select(Salt.mark, Salt.person).where(Salt.mark.in_(wanted)))
    return {row.mark: Iri(row.person) for row in found}
