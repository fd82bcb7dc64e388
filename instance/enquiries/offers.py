"""A group's yes or no to what somebody elsewhere offers to do of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from federation import Iri
from instance.db import Tx
from instance.enquiries.views import LineView


async def waiting_offer(tx: Tx, lines: Sequence[LineView]) -> str:
    """Return the newest offer of an enquiry that has neither yes nor no; empty if there is none."""
    for line in reversed(lines):
        if line.by_group and is_answer(tx, line.iri):
            return ""
        if not line.by_group and not line.gone and await offer(tx, line.iri):
            return line.iri
    return ""


async def offer(tx: Tx, iri: Iri) -> Mapping[str, Any] | None:
    """Return an Offer as it came, or None for what is none, or is not whole any more."""
    document = await tx.federation.store.outbox.find_activity(tx, iri)
    if document is None or document.get("type") != "Offer":
        return None
    made = document.get("object")
    return document if isinstance(made, Mapping) and made.keys() - {"id", "type"} else None


def is_answer(tx: Tx, line: str) -> bool:
    """Tell whether a line of ours is the answer to an offer, rather than a note."""
    return line.startswith(f"{tx.origin}/activities/")
