"""The envelope of everything servers say to each other: read it, or refuse it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from federation.errors import Malformed, TooLarge
from federation.iri import Iri, origin_of, same_origin

Document = Mapping[str, Any]

PUBLIC = Iri("https://www.w3.org/ns/activitystreams#Public")
ACTIVITY_STREAMS = "https://www.w3.org/ns/activitystreams"
ACTIVITY_JSON = "application/activity+json"
LD_JSON = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_ADDRESSEES = 1_000

ACTIVITY_TYPES = frozenset(
    "Accept Add Announce Block Create Delete Flag Follow Invite Join Leave Like Move Offer Read "
    "Reject Remove TentativeAccept TentativeReject Undo Update View Dislike Ignore Listen "
    "Question Travel Arrive".split()
) - {"Question"}  # a Question is something people publish, whatever the vocabulary calls it

_TYPE = re.compile(r"[^\x00-\x20\x7f]{1,100}")
_NESTING = frozenset({dict, list})
_RESTRUCTURING = frozenset({"@graph", "@reverse", "@included"})
_PINNED_TERMS = {
    "id": {"@id"},
    "type": {"@type"},
    **{
        name: {f"as:{name}", f"{ACTIVITY_STREAMS}#{name}"}
        for name in ("actor", "object", "target", "attributedTo", "to", "cc")
    },
    "inbox": {"ldp:inbox", "http://www.w3.org/ns/ldp#inbox", "as:inbox"},
    **{
        name: {f"sec:{name}", f"https://w3id.org/security#{name}"}
        for name in ("publicKey", "owner", "publicKeyPem", "assertionMethod", "proof")
    },
}


class Activity(msgspec.Struct, frozen=True):
    """One activity whose envelope has been read.

    `document` is the JSON as it came. `proven` holds the ids of embedded objects whose origin is
    known: they are stored here, they belong to the same owner, or they carry a valid proof of
    their own. What is not proven may route a message and must not be believed. `fetched` holds
    the documents that the receiver asked for, by IRI.
    """

    document: Document
    id: Iri
    type: str
    actor: Iri
    proven: frozenset[str] = frozenset()
    fetched: Mapping[str, Document] = msgspec.field(default_factory=dict)

    @classmethod
    def read(cls, document: object) -> Activity:
        """Read the envelope of a decoded document; raise Malformed with the reason."""
        if not isinstance(document, dict):
            raise Malformed("An activity is a JSON object.")
        refuse_tricks(document)
        return cls._of(document)

    @classmethod
    def parse(cls, body: bytes) -> Activity:
        """Read the envelope of received bytes; raise Malformed with the reason."""
        document = decode(body)
        if not isinstance(document, dict) or not _is_plain(body, document):
            return cls.read(document)
        _refuse_keywords(document)
        return cls._of(document)

    @classmethod
    def _of(cls, document: dict[str, Any]) -> Activity:
        activity_id = _iri(document, "id")
        actor = _iri_of(document.get("actor"), "actor")
        if not same_origin(activity_id, actor):
            raise Malformed("The activity's id and its actor are not on one host.")
        kind = document.get("type")
        if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
            raise Malformed("`type` has to be one short string.")
        if "object" not in document:
            raise Malformed("The activity has no `object`.")
        for name in ("to", "cc"):
            list(addressees(document, name))
        return cls(document=document, id=activity_id, type=kind, actor=actor)

    @property
    def object(self) -> Document:
        """The embedded object, or `{"id": …}` where only its id was sent."""
        value = only(self.document["object"])
        if isinstance(value, str):
            return {"id": value}
        if isinstance(value, dict):
            return value
        raise Malformed("`object` has to be one object or its id.")

    @property
    def object_id(self) -> Iri:
        """The id of the object; raise Malformed when it has none."""
        return _iri(self.object, "id")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the actor."""
        return origin_of(self.actor)

    def proven_object(self) -> Document:
        """Return the embedded object if its origin is proven; raise Malformed otherwise."""
        inner = self.object
        if iri_of(inner) in self.proven or self.owns(inner):
            return inner
        raise Malformed("The embedded object belongs to somebody else and carries no proof.")

    def owns(self, inner: Document) -> bool:
        """Tell whether an embedded object is the actor's own: same owner, same origin."""
        if owner_of(inner) not in {None, self.actor}:
            return False
        identifier = inner.get("id")
        return identifier is None or (
            isinstance(identifier, str) and same_origin(identifier, self.actor)
        )

    def addressees(self) -> Iterator[Iri]:
        """Yield every IRI in `to` and `cc`, as sent, Public included."""
        yield from addressees(self.document, "to")
        yield from addressees(self.document, "cc")


def decode(body: bytes) -> object:
    """Decode JSON bytes from the network; raise TooLarge over 1 MB, Malformed when it is none."""
    if len(body) > MAX_BYTES:
        raise TooLarge("The document is larger than 1 MB.")
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Malformed("The body is not JSON.") from error


def encode(document: object) -> bytes:
    """Encode a document as the bytes that are stored, signed and sent."""
    return msgspec.json.encode(document)


def stored(body: bytes) -> Document:
    """Decode a document that `encode` wrote."""
    document = msgspec.json.decode(body)
    assert isinstance(document, dict)
    return document


def only(value: object) -> object:
    """Return the one member of a list of one, as JSON-LD lets it be written; else the value."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def iri_of(value: object) -> Iri | None:
    """Return the IRI in a property that holds one, embedded or bare."""
    value = only(value)
    if isinstance(value, Mapping):
        value = value.get("id")
    return Iri(value) if isinstance(value, str) else None


def owner_of(document: Document) -> str | None:
    """Return who a document says it belongs to: its `actor`, else its `attributedTo` (FEP-fe34)."""
    for name in ("actor", "attributedTo"):
        value = document.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("id")
        if isinstance(value, str):
            return value
    return None


def is_activity(document: Document) -> bool:
    """Tell whether a document is an activity by its type."""
    kind = document.get("type")
    return isinstance(kind, str) and kind in ACTIVITY_TYPES


def addressees(document: Document, name: str) -> Iterator[Iri]:
    """Yield the IRIs of one addressing property; raise Malformed on anything else."""
    value = document.get(name, [])
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_ADDRESSEES:
        raise Malformed(f"`{name}` names more than {MAX_ADDRESSEES} addressees.")
    for one in values:
        yield PUBLIC if one in ("as:Public", "Public") else _iri_of(one, name)


def _iri(document: Document, name: str) -> Iri:
    return _iri_of(document.get(name), name)


def _iri_of(value: object, name: str) -> Iri:
    if isinstance(value, dict):
        value = value.get("id")
    if not isinstance(value, str):
        raise Malformed(f"`{name}` has to be one IRI.")
    origin_of(value)
    return Iri(value)


def refuse_tricks(document: Document) -> None:
    """Refuse keywords that change a JSON-LD tree, and contexts that rename our words.

    A context that says nothing of ActivityStreams, or none, changes nothing: its words are assumed
    all the same (ActivityStreams 2.0, section 2.1).
    """
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                _refuse_keywords(one)
                one = one.values()  # noqa: PLW2901
            below += [inner for inner in one if type(inner) in _NESTING]
        if not below:
            return
        level = below
    raise Malformed(f"The document is nested more than {MAX_DEPTH} levels deep.")


def _is_plain(body: bytes, document: Document) -> bool:
    """Tell by its bytes that a document nests little, and that its context is its only keyword.

    Most are like that, and nobody has to walk through them.
    """
    shallow = body.count(b"{") + body.count(b"[") <= MAX_DEPTH
    signs = body.count(b"@")
    keywords = signs if signs < 2 else body.count(b'"@')
    escaped = b"\\" in body and b"\\u0040" in body
    return shallow and not escaped and keywords == ("@context" in document)


def _refuse_keywords(inner: Document) -> None:
    if not _RESTRUCTURING.isdisjoint(inner):
        raise Malformed("`@graph`, `@reverse` and `@included` are not taken.")
    if "@context" in inner:
        _refuse_renaming(inner["@context"])


def _refuse_renaming(context: object) -> None:
    for part in context if isinstance(context, list) else [context]:
        if not isinstance(part, dict):
            continue
        for name, allowed in _PINNED_TERMS.items():
            if name not in part:
                continue
            term = part[name]
            meaning = term.get("@id") if isinstance(term, dict) else term
            if not isinstance(meaning, str) or meaning not in allowed:
                raise Malformed(f"The context gives `{name}` another meaning.")
