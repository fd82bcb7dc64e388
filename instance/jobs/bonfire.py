"""Work that Bonfire's people need, as they write it: read as if it were a FEP-0837 Proposal."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from instance.jobs.documents import Document

VALUEFLOWS = "https://w3id.org/valueflows/ont/vf#"
_PREFIXES = ("ValueFlows:", "vf:", VALUEFLOWS, "https://w3id.org/valueflows#")
INTENTS = tuple(f"{prefix}Intent" for prefix in (*_PREFIXES[:3], ""))
WORK = {"work", "deliverService"}
_MOST_LOOKED_AT = 20


def as_proposal(document: Document) -> Document | None:
    """Return a Proposal for an Intent, or a Proposal of ProposedIntents, by which work is needed.

    None for anything else: for what is offered, is done, or is no work.
    """
    kind = _bare(document.get("type"))
    intent = document if kind == "Intent" else _proposed(document) if kind == "Proposal" else None
    if intent is None or not _is_need(intent):
        return None
    written: dict[str, Any] = {
        "id": document.get("id"),
        "type": "Proposal",
        "purpose": "request",
        "publishes": {"type": "Intent", "action": _bare(intent.get("action"))},
        "attributedTo": document.get("attributedTo"),
        "name": document.get("name") or intent.get("name"),
        "to": document.get("to"),
        "cc": document.get("cc"),
    }
    text = document.get("content") or _escaped(document.get("summary") or intent.get("summary"))
    ends = intent.get("due") or intent.get("hasEnd") or document.get("hasEnd")
    place = intent.get("atLocation") or document.get("eligibleLocation")
    more = {
        "content": text,
        "published": document.get("published"),
        "updated": document.get("updated"),
        "endTime": ends,
        "location": place if isinstance(place, Mapping) else None,
    }
    return written | {name: value for name, value in more.items() if value}


def _proposed(document: Document) -> Document | None:
    """Return the first Intent that a Proposal publishes and does not ask in return."""
    published = document.get("publishes")
    for one in (published if isinstance(published, list) else [published])[:_MOST_LOOKED_AT]:
        if isinstance(one, Mapping) and _bare(one.get("type")) == "ProposedIntent":
            intent = one.get("publishes")
            if one.get("reciprocal") is not True and isinstance(intent, Mapping):
                return intent
    return None


def _is_need(intent: Document) -> bool:
    needed = bool(intent.get("receiver")) and not intent.get("provider")
    return needed and intent.get("finished") is not True and _bare(intent.get("action")) in WORK


def _bare(name: object) -> str:
    name = name.get("id") if isinstance(name, Mapping) else name
    text = name if isinstance(name, str) else ""
    prefix = next((one for one in _PREFIXES if text.startswith(one)), "")
    return text.removeprefix(prefix)


def _escaped(text: object) -> str:
    return f"<p>{escape(text)}</p>" if isinstance(text, str) and text else ""
