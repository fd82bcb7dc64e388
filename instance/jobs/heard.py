"""A job as somebody else wrote it: recognised, bounded and cleaned before it is believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import escape
from typing import Any
from zoneinfo import available_timezones

from federation import Iri
from instance.jobs.documents import CURRENCY, PROPOSAL, PUBLIC, Document
from instance.jobs.views import OpeningView, PostedShift, Posting
from instance.jobs.wording import PARTS, clean
from instance.skills import service as skills
from instance.split import read_split
from instance.wire import minutes_of, moment_of

PROPOSALS = ("Proposal", "vf:Proposal", "ValueFlows:Proposal", PROPOSAL)
MOST_SHIFTS = 60
MOST_OPENINGS = 30
MOST_TEXT = 60_000
LONGEST_LIFE = timedelta(days=500)
LIFE_UNSAID = timedelta(days=30)
_ORDINARY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_ZONES = frozenset(available_timezones())


def is_job(document: Document) -> bool:
    """Tell whether a document is a job: work that somebody asks for (FEP-0837)."""
    if document.get("purpose") != "request":
        return False
    if document.get("type") in PROPOSALS:
        return True
    return document.get("type") == "Note" and bool(document.get("publishes"))


def is_public(document: Document) -> bool:
    """Tell whether a document is addressed to everybody."""
    named = [*_many(document.get("to")), *_many(document.get("cc"))]
    return any(one in (PUBLIC, "as:Public", "Public") for one in named)


def read_posting(document: Document) -> Posting:
    """Read a job that somebody published; raise ValueError when it cannot be one.

    Unknown words of the vocabulary are kept as they were written. HTML is cleaned, everything is
    bounded; a job that says nothing of its end closes 30 days after it was published.
    """
    iri = _iri(document.get("id"))
    published = moment_of(document.get("published"))
    updated = moment_of(document.get("updated", document.get("published")))
    until = moment_of(document["endTime"]) if "endTime" in document else published + LIFE_UNSAID
    primary = next(iter(_maps(document.get("publishes"))), {})
    paid = next(iter(_maps(document.get("reciprocal"))), {})
    pay, currency = _pay(paid)
    place = next(iter(_maps(document.get("location"))), {})
    return Posting(
        iri=iri,
        group=_iri(_first(document.get("attributedTo"))),
        title=_text(document.get("name"), 300),
        district=_text(place.get("name"), 200),
        pay_cents_per_hour=pay,
        currency=currency,
        break_minutes=minutes_of(document["break"]) if "break" in document else 0,
        hours=_number(_quantity(primary, "availableQuantity", "hour")),
        contents=_contents(document),
        shifts=tuple(_shift(one, iri) for one in _maps(document.get("shifts"), MOST_SHIFTS)),
        published=published,
        updated=updated,
        until=min(until, published + LONGEST_LIFE),
        split=read_split(paid.get("split")),
    )


def _shift(document: Document, job: Iri) -> PostedShift:
    identifier = _part_of(document.get("id"), job)
    zone = document.get("timezone")
    if not isinstance(zone, str) or zone not in _ZONES:
        raise ValueError("a shift needs the time zone of its place")
    openings = _maps(document.get("openings"), MOST_OPENINGS)
    start, end = _span(document)
    parts = _many(document.get("parts"))
    return PostedShift(
        id=identifier,
        day=date.fromisoformat(_text(document.get("day"), 10)),
        parts=tuple(one for one in PARTS if one in parts),
        timezone=zone,
        openings=tuple(_opening(one, job, identifier) for one in openings),
        start=start,
        end=end,
    )


def _span(document: Document) -> tuple[datetime | None, datetime | None]:
    if "startTime" not in document:
        return None, None
    start, end = moment_of(document["startTime"]), moment_of(document.get("endTime"))
    if not timedelta() < end - start <= timedelta(days=2):
        raise ValueError("a shift ends after it begins, within two days")
    return start, end


def _opening(document: Document, job: Iri, shift: Iri) -> OpeningView:
    level = document.get("levelOfSkill", 0)
    count = _number(_quantity(document, "resourceQuantity", "one"))
    if not count.isdigit() or not 0 < int(count) <= 1000:
        raise ValueError("an opening wants between one and a thousand people")
    return OpeningView(
        iri=_part_of(document.get("id"), job),
        shift_id=shift,
        skill=_word(document.get("resourceConformsTo")),
        level=level if isinstance(level, int) and 0 <= level <= 3 else 0,
        certificates=tuple(_word(one) for one in _many(document.get("certificates"), 10)),
        languages=tuple(_word(one) for one in _many(document.get("languages"), 10)),
        count=int(count),
    )


def _contents(document: Document) -> tuple[tuple[str, str], ...]:
    """Read content and its translations, the original first; plain text is escaped nowhere else."""
    content = document.get("content")
    written = {}
    if isinstance(mapped := document.get("contentMap"), Mapping):
        written = {
            _text(language, 35): text
            for language, text in list(mapped.items())[:20]
            if isinstance(text, str)
        }
    if isinstance(content, str):
        original = next((one for one, text in written.items() if text == content), "und")
        written = {original: content, **written}
    if not written:
        written = {"und": f"<p>{escape(_text(document.get('name'), 300))}</p>"}
    if sum(map(len, written.values())) > MOST_TEXT:
        raise ValueError("this job's text is too long")
    return tuple((language, clean(text)) for language, text in written.items())


def _pay(document: Document) -> tuple[int, str]:
    kind = document.get("resourceConformsTo")
    if not isinstance(kind, str) or not kind.startswith(CURRENCY):
        return 0, ""
    currency = kind.removeprefix(CURRENCY)
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        return 0, ""
    cents = Decimal(_number(_quantity(document, "resourceQuantity", "one"))) * 100
    return min(int(cents), 10_000_000), currency.upper()


def _quantity(document: Document, name: str, unit: str) -> object:
    value = document.get(name)
    if not isinstance(value, Mapping) or value.get("hasUnit") != unit:
        return "0"
    return value.get("hasNumericalValue", "0")


def _number(value: object) -> str:
    """Read a decimal number of ordinary size that is not negative; raise ValueError."""
    text = str(value)
    if not _ORDINARY.fullmatch(text):
        raise ValueError("a quantity is a number of ordinary size")
    return text


def _word(value: object) -> str:
    text = _text(value, 500)
    return skills.key_of(text) or text


def _part_of(value: object, job: Iri) -> Iri:
    iri = _iri(value)
    if not iri.startswith(f"{job}#"):
        raise ValueError("a part of a job is named by the job's own address")
    return iri


def _iri(value: object) -> Iri:
    if isinstance(value, Mapping):
        value = value.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= 2048:
        raise ValueError("an address is missing")
    if not value.startswith(("https://", "http://")):
        raise ValueError("an address begins with https")
    return Iri(value)


def _text(value: object, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _many(value: object, most: int = 100) -> list[Any]:
    many = value if isinstance(value, list) else [] if value is None else [value]
    if len(many) > most:
        raise ValueError("this job has too many parts")
    return many


def _maps(value: object, most: int = 10) -> Iterable[Document]:
    return [one for one in _many(value, most) if isinstance(one, Mapping)]
