"""Alliances and counts as documents: written and read, pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from federation import Iri
from instance import wire
from instance.alliances.capacity import LABELS, MOST_COUNTS
from instance.alliances.models import Alliance
from instance.alliances.views import Count
from instance.skills import service as skills


def signed(row: Alliance, proof: Mapping[str, Any]) -> dict[str, Any]:
    """Write the terms with one group's signature over them."""
    return {**row.terms, "proof": dict(proof)}


def offer_stub(row: Alliance) -> dict[str, Any]:
    """Write the Offer that began an alliance as replies carry it."""
    offerer = row.group if row.offered_by_us else row.ally
    return {
        "id": row.offer,
        "type": "Offer",
        "actor": offerer,
        "object": {"type": "Relationship"},
    }


def stamp_document(row: Alliance, origin: str) -> dict[str, Any]:
    """Write in public that one of our groups has an ally: since when, and not on which terms."""
    stamp = {
        "id": f"{origin}/alliances/{row.id}",
        "type": "Relationship",
        "relationship": "ally",
        "attributedTo": row.group,
        "subject": row.group,
        "object": row.ally,
        "context": row.offer,
        "startTime": wire.instant(row.answered or row.offered),
    }
    return stamp | ({"endTime": row.terms["endTime"]} if "endTime" in row.terms else {})


def counts_document(
    counts: Sequence[Count], group: Iri, origin: str, now: datetime
) -> dict[str, Any]:
    """Write coarse counts by skill and half-day as the collection that allies fetch."""
    return {
        "@context": wire.context(origin),
        "id": f"{group}/capacity",
        "type": "Collection",
        "attributedTo": group,
        "asOf": wire.instant(now),
        "items": [
            {
                "resourceConformsTo": skills.iri_of(origin, one.skill),
                "startTime": wire.instant(one.start),
                "endTime": wire.instant(one.end),
                "count": one.label,
            }
            for one in counts
        ],
    }


def read_counts(document: Mapping[str, Any], ally: Iri) -> tuple[tuple[Count, ...], datetime]:
    """Read an ally's counts and the moment they were true.

    Raises ValueError for what is no such collection of that ally's, Malformed for a broken moment.
    """
    items = document.get("items")
    if document.get("attributedTo") != ally or not isinstance(items, list):
        raise ValueError("These are not the ally's counts.")
    if len(items) > MOST_COUNTS:
        raise ValueError("There are too many counts.")
    counts = [
        Count(
            skill=skills.key_of(str(one.get("resourceConformsTo"))[:300]),
            start=wire.moment_of(one.get("startTime")),
            end=wire.moment_of(one.get("endTime")),
            label=str(one.get("count")),
        )
        for one in items
        if isinstance(one, Mapping) and str(one.get("count")) in LABELS
    ]
    return tuple(counts), wire.moment_of(document.get("asOf"))
