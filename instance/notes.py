"""What somebody elsewhere wrote: who, when, to whom, in plain text, whatever it means here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from federation import PUBLIC, Activity, Document, Iri, Malformed, origin_of
from instance.plaintext import plain_text
from instance.wire import moment_of

KINDS = ("Note", "Page", "Article", "ChatMessage")
MOST_TEXT = 5_000
MOST_NAMED = 50
PUBLIC_NAMES = {PUBLIC, "as:Public", "Public"}


class HeardNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note that somebody sent, as far as it may matter here; its text is plain.

    `named` are those whom it mentions, and, when it is not for everybody, all whom it is for.
    `page` is where it is read on its own server. A `quiet` one disturbs nobody.
    """

    iri: Iri
    author: Iri
    text: str
    language: str
    reply_to: str
    named: tuple[Iri, ...]
    said: datetime
    version: datetime
    page: str = ""
    quiet: bool = False


def read_note(activity: Activity, now: datetime, *, quiet: bool = False) -> HeardNote:
    """Read a note with all that may make it matter; raise Malformed unless its author sent it.

    The text is plain: of HTML only where its lines break is kept. A moment that is not said is now.
    """
    document = activity.object
    iri, author = activity.object_id, iri_in(document.get("attributedTo")) or activity.actor
    if author != activity.actor or origin_of(iri) != activity.origin:
        raise Malformed("A note is sent by who wrote it.")
    said = _moment(document.get("published")) or _moment(activity.document.get("published")) or now
    updated = _moment(document.get("updated")) or _moment(activity.document.get("updated"))
    if updated is None:
        updated = now if activity.type == "Update" else said
    return _heard(document, activity.actor, said, updated, quiet=quiet)


def read_published(document: Document, now: datetime) -> HeardNote:
    """Read a note as its own host serves it; raise Malformed when it is another host's."""
    iri, author = iri_in(document.get("id")), iri_in(document.get("attributedTo"))
    if not iri or not author or origin_of(iri) != origin_of(author):
        raise Malformed("A note is on the host of who wrote it.")
    said = _moment(document.get("published")) or now
    return _heard(document, Iri(author), said, _moment(document.get("updated")) or said)


def is_for_somebody(document: Document) -> bool:
    """Tell whether a note answers something or names anybody: most that is published does not."""
    return bool(iri_in(document.get("inReplyTo")) or named_in(document))


def is_for_followers(document: Document) -> bool:
    """Tell whether a note is for everybody, or for all who follow its author."""
    addressed = [*iris_in(document.get("to")), *iris_in(document.get("cc"))]
    return any(one in PUBLIC_NAMES or one.endswith("/followers") for one in addressed)


def named_in(document: Document) -> tuple[Iri, ...]:
    """Name whom a note mentions or is meant for; a note for few means each of them."""
    addressed = [*iris_in(document.get("to")), *iris_in(document.get("cc"))]
    tags = [one for one in many(document.get("tag")) if isinstance(one, Mapping)]
    mentioned = [iri_in(one.get("href")) for one in tags if one.get("type") == "Mention"]
    named = [one for one in mentioned if one in addressed]
    named += iris_in(document.get("audience"))
    if not PUBLIC_NAMES & set(addressed):
        named += [one for one in addressed if not one.endswith("/followers")]
    return tuple(dict.fromkeys(Iri(one) for one in named if one and one not in PUBLIC_NAMES))


def iris_in(value: object) -> list[str]:
    """Return the ids that a property names, however many it has."""
    return [one for one in map(iri_in, many(value)) if one]


def iri_in(value: object) -> str:
    """Return the id that a property names first; empty when there is none of ordinary size."""
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("id") if isinstance(value, Mapping) else value
    return value if isinstance(value, str) and len(value) <= 2048 else ""


def many(value: object) -> Iterable[Any]:
    """Return what a property holds, one or several, as far as it is read."""
    found = value if isinstance(value, list) else [] if value is None else [value]
    return found[:MOST_NAMED]


def _heard(
    document: Document, author: Iri, said: datetime, updated: datetime, *, quiet: bool = False
) -> HeardNote:
    iri = Iri(str(document["id"]))
    text, language = plain_text(document, MOST_TEXT)
    return HeardNote(
        iri=iri,
        author=author,
        text=text,
        language=language,
        reply_to=iri_in(document.get("inReplyTo")),
        named=named_in(document),
        said=said,
        version=max(said, updated),
        page=_page(document, iri),
        quiet=quiet,
    )


def _page(document: Document, iri: Iri) -> str:
    """Return where a note is read: never on another host than its own."""
    for link in many(document.get("url")):
        page = link.get("href") if isinstance(link, Mapping) else link
        if isinstance(page, str) and len(page) <= 2048:
            try:
                if origin_of(page) == origin_of(iri):
                    return page
            except Malformed:
                continue
    return iri


def _moment(value: object) -> datetime | None:
    return moment_of(value) if isinstance(value, str) else None
