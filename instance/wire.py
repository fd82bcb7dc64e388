"""How activities are written here: the envelope, its context, stubs, quantities and moments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from federation import Document, Iri, Malformed, origin_of
from instance.labour import TERMS, namespace

if TYPE_CHECKING:
    from instance.db import Tx

_AS_IRI = {"@type": "@id"}
NEAREST_YEAR, FARTHEST_YEAR = 1900, 3000
LONGEST_SECONDS = 3600 * 1_000_000
_NUMBER = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,4})?")


def context(origin: str, **more: str) -> list[Any]:
    """Return the context of what we send: known addresses first, our own terms inline.

    `more` are terms that few documents need.
    """
    vf, om2 = "https://w3id.org/valueflows/ont/vf#", "http://www.ontology-of-units-of-measure.org"
    return [
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        "https://w3id.org/security/data-integrity/v2",
        {
            "vf": vf,
            "om2": f"{om2}/resource/om-2/",
            "ayni": namespace(origin),
            **{name: f"vf:{name}" for name in _VALUEFLOWS},
            **{name: {"@id": f"vf:{name}", **_AS_IRI} for name in _VALUEFLOWS_IRIS},
            "hasUnit": "om2:hasUnit",
            "hasNumericalValue": "om2:hasNumericalValue",
            **{name: f"ayni:{name}" for name in TERMS},
            **more,
        },
    ]


_VALUEFLOWS = (
    "Proposal Intent Agreement Commitment EconomicEvent purpose unitBased publishes reciprocal "
    "action resourceQuantity availableQuantity minimumQuantity effortQuantity stipulates "
    "stipulatesReciprocal"
).split()
_VALUEFLOWS_IRIS = "resourceConformsTo satisfies fulfills provider receiver inScopeOf".split()


def envelope(
    tx: Tx,
    kind: str,
    actor: Iri,
    inner: Any,
    *,
    to: Sequence[str],
    cc: Sequence[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """Write a new activity: context, a fresh id, who says what to whom, and when.

    Members in `more` that are None are left out.
    """
    written: dict[str, Any] = {
        "@context": context(tx.origin),
        "id": tx.federation.new_id(),
        "type": kind,
        "actor": actor,
        "object": inner,
        "to": list(to),
        "published": instant(tx.now),
    }
    if cc:
        written["cc"] = list(cc)
    return written | {name: value for name, value in more.items() if value is not None}


def stub(activity: Document) -> dict[str, Any]:
    """Return what is sent along of an inner activity: id, type, actor and its own inner stub."""
    inner = activity.get("object")
    if isinstance(inner, Mapping):
        inner = (
            stub(inner) if "actor" in inner else {n: inner[n] for n in ("id", "type") if n in inner}
        )
    short = {name: activity[name] for name in ("id", "type", "actor") if name in activity}
    return {**short, "object": inner}


def quantity(minutes: int) -> dict[str, str]:
    """Write a length of time as the wire has it: exact seconds, as a string."""
    return {"hasUnit": "second", "hasNumericalValue": str(minutes * 60)}


def minutes_of(value: object) -> int:
    """Read a length of time in seconds, minutes or hours; raise Malformed on anything else."""
    if not isinstance(value, Mapping):
        raise Malformed("A quantity has a unit and a value.")
    seconds = {"second": 1, "minute": 60, "hour": 3600}.get(str(value.get("hasUnit")))
    text = str(value.get("hasNumericalValue"))
    if seconds is None or not _NUMBER.fullmatch(text):
        raise Malformed("A length of time is given in seconds, minutes or hours.")
    whole = float(text) * seconds
    if whole % 60:
        raise Malformed("A length of time has to be whole minutes.")
    if whole > LONGEST_SECONDS:
        raise Malformed("A length of time is a million hours at the most.")
    return int(whole) // 60


def iri_in(document: Document, name: str) -> Iri:
    """Read a member that is one address, or an object with one as its id; raise Malformed."""
    value = document.get(name)
    if isinstance(value, Mapping):
        value = value.get("id")
    if not isinstance(value, str):
        raise Malformed(f"`{name}` has to be one IRI.")
    origin_of(value)
    return Iri(value)


def instant(moment: datetime) -> str:
    """Write a moment as the wire has it: UTC, to the second, with Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(value: object) -> datetime:
    """Read a moment; raise Malformed when it is none or has no zone."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Malformed("A moment is written as in 2027-01-04T08:00:00Z.") from error
    if moment.tzinfo is None:
        raise Malformed("A moment needs its time zone.")
    try:
        return within_reach(moment)
    except ValueError as error:
        raise Malformed(str(error)) from error


def within_reach(moment: datetime) -> datetime:
    """Return a moment in UTC; raise ValueError for one too far away to add days to."""
    if not NEAREST_YEAR <= moment.year < FARTHEST_YEAR:
        raise ValueError(f"A moment lies between the years {NEAREST_YEAR} and {FARTHEST_YEAR}.")
    return moment.astimezone(UTC)
