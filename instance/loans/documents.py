"""Asks and agreements as documents: written and read, pure; places and hours, nobody's name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from federation import Iri
from instance import wire
from instance.loans.views import Asked, PlaceView, Promised
from instance.skills import service as skills

Document = Mapping[str, Any]

CURRENCY = "urn:iso:std:iso:4217:"
MOST_OPENINGS = 400
MOST_PLACES = 500
MOST_CENTS = 10_000_000
LONGEST_TITLE = 200
LONGEST_SHIFT = timedelta(days=7)
_CURRENCY = re.compile(r"(?:urn:iso:std:iso:4217:)?([A-Z]{3})")


def ask_document(asked: Asked, group: Iri, origin: str) -> dict[str, Any]:
    """Write an ask as a Proposal (FEP-0837) that asks for places, with their exact hours."""
    written: dict[str, Any] = {
        "id": asked.iri,
        "type": "Proposal",
        "purpose": "request",
        "attributedTo": group,
        "name": asked.title,
        "job": asked.job,
        "updated": wire.instant(asked.job_updated),
        "replyBy": wire.instant(asked.until),
        "break": wire.quantity(asked.break_minutes),
        "publishes": [_intent(one, origin) for one in asked.places if one.places],
        "reciprocal": {
            "type": "Intent",
            "action": "transfer",
            "resourceConformsTo": f"{CURRENCY}{asked.currency}",
            "resourceQuantity": {
                "hasUnit": "one",
                "hasNumericalValue": f"{Decimal(asked.rate_cents_per_hour) / 100:f}",
            },
            "levy": str(asked.levy_percent),
        },
    }
    if asked.district:
        written["location"] = {"type": "Place", "name": asked.district}
    return written


def read_ask(document: Document) -> Asked:
    """Read an ask; raises ValueError, KeyError or what `wire` raises for one that is broken."""
    reciprocal, place = _map(document, "reciprocal"), document.get("location")
    job, intents = _iri(document["job"]), document["publishes"]
    if not isinstance(intents, list) or not 0 < len(intents) <= MOST_OPENINGS:
        raise ValueError("publishes")
    places = tuple(_read_intent(one, job) for one in intents)
    if len({one.opening for one in places}) < len(places):
        raise ValueError("publishes")
    return Asked(
        iri=_iri(document["id"]),
        job=job,
        job_updated=wire.moment_of(document["updated"]),
        title=str(document.get("name") or "")[:LONGEST_TITLE],
        district=str(place.get("name") or "")[:100] if isinstance(place, Mapping) else "",
        break_minutes=wire.minutes_of(document["break"]),
        rate_cents_per_hour=_cents(_map(reciprocal, "resourceQuantity")["hasNumericalValue"]),
        currency=_currency(reciprocal["resourceConformsTo"]),
        levy_percent=_number(reciprocal.get("levy", "0"), 100),
        until=wire.moment_of(document["replyBy"]),
        places=places,
    )


def agreement_document(
    promised: Sequence[Promised],
    *,
    ask: Iri,
    job: Iri,
    job_updated: datetime,
    break_minutes: int,
    agreement: Iri | None = None,
    borrower: Iri | None = None,
    updated: datetime | None = None,
) -> dict[str, Any]:
    """Write an Agreement: without an id as it is offered, with one as the borrower's own.

    `jobUpdated` pins the version of the job; `updated` is the agreement's own.
    """
    written: dict[str, Any] = {
        "type": "Agreement",
        "context": ask,
        "job": job,
        "jobUpdated": wire.instant(job_updated),
        "stipulates": [_commitment(one, break_minutes) for one in promised],
    }
    if agreement and borrower and updated:
        written |= {
            "id": agreement,
            "attributedTo": borrower,
            "updated": wire.instant(updated),
        }
    return written


def read_places(document: Document) -> tuple[Promised, ...]:
    """Read how many places an Agreement has at which openings, and when.

    One Commitment alone is taken, too (FEP-0837). Raises ValueError or KeyError.
    """
    found = document["stipulates"]
    commitments = found if isinstance(found, list) else [found]
    if not 0 < len(commitments) <= MOST_OPENINGS:
        raise ValueError("stipulates")
    places = tuple(_read_commitment(one) for one in commitments)
    if len({one.opening for one in places}) < len(places):
        raise ValueError("stipulates")
    return places


def release_of(document: Document) -> tuple[Iri, ...]:
    """Read which promises a smaller Agreement lets go."""
    found = document.get("release", [])
    values = found if isinstance(found, list) else [found]
    return tuple(_iri(one) for one in values[:MOST_PLACES])


def tombstone(ask: Iri) -> dict[str, Any]:
    """Write what stands in the place of an ask that was taken back."""
    return {"id": ask, "type": "Tombstone", "formerType": "Proposal"}


def _intent(place: PlaceView, origin: str) -> dict[str, Any]:
    return {
        "id": place.opening,
        "type": "Intent",
        "action": "work",
        "resourceConformsTo": skills.iri_of(origin, place.skill),
        "levelOfSkill": str(place.level),
        "certificates": [skills.iri_of(origin, one) for one in place.certificates],
        "languages": [skills.iri_of(origin, one) for one in place.languages],
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": str(place.places)},
        "startTime": wire.instant(place.start),
        "endTime": wire.instant(place.end),
        "timezone": place.timezone,
    }


def _read_intent(document: Document, job: Iri) -> PlaceView:
    opening = _iri(document["id"])
    start, end = wire.moment_of(document["startTime"]), wire.moment_of(document["endTime"])
    if opening.partition("#")[0] != job or not start < end <= start + LONGEST_SHIFT:
        raise ValueError("publishes")
    return PlaceView(
        opening=opening,
        places=_places(document),
        skill=skills.key_of(_iri(document["resourceConformsTo"]))[:100],
        level=_number(document.get("levelOfSkill", "0"), 10),
        certificates=_keys(document.get("certificates")),
        languages=_keys(document.get("languages")),
        start=start,
        end=end,
        timezone=str(document.get("timezone") or "UTC")[:64],
    )


def _commitment(promised: Promised, break_minutes: int) -> dict[str, Any]:
    minutes = int((promised.end - promised.start).total_seconds()) // 60 - break_minutes
    return {
        "type": "Commitment",
        "action": "work",
        "satisfies": promised.opening,
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": str(promised.places)},
        "effortQuantity": wire.quantity(max(minutes, 0)),
        "startTime": wire.instant(promised.start),
        "endTime": wire.instant(promised.end),
    }


def _read_commitment(document: Document) -> Promised:
    start, end = wire.moment_of(document["startTime"]), wire.moment_of(document["endTime"])
    if start >= end:
        raise ValueError("stipulates")
    return Promised(_iri(document["satisfies"]), _places(document), start, end)


def _places(document: Document) -> int:
    quantity = _map(document, "resourceQuantity")
    if quantity.get("hasUnit") != "one":
        raise ValueError("resourceQuantity")
    return _number(quantity["hasNumericalValue"], MOST_PLACES)


def _number(value: object, most: int) -> int:
    text = str(value)
    if len(text) > 9 or not (text.isascii() and text.isdigit()) or int(text) > most:
        raise ValueError(text[:20])
    return int(text)


def _cents(value: object) -> int:
    try:
        cents = Decimal(str(value)[:20]) * 100
    except InvalidOperation as error:
        raise ValueError("amount") from error
    if not (cents.is_finite() and 0 <= cents <= MOST_CENTS) or cents != int(cents):
        raise ValueError("amount")
    return int(cents)


def _currency(value: object) -> str:
    found = _CURRENCY.fullmatch(str(value))
    if found is None:
        raise ValueError("currency")
    return found[1]


def _keys(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else []
    return tuple(skills.key_of(_iri(one))[:100] for one in values[:50])


def _map(document: Document, name: str) -> Mapping[str, Any]:
    value = document[name]
    if not isinstance(value, Mapping):
        raise ValueError(name)  # noqa: TRY004  # one kind of failure for a broken document
    return value


def _iri(value: object) -> Iri:
    if isinstance(value, Mapping):
        value = value.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= 2_048:
        raise ValueError("iri")
    return Iri(value)
