"""Jobs as documents: a Note that every server shows, with the keys of FEP-0837 for our peers.

What others are told is first made a `Posting`, which has no place for a customer's name or
address; only a Posting is ever written or read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from federation import Iri
from instance.jobs.models import Audience
from instance.jobs.views import JobView, OpeningView, PostedShift, Posting, ShiftView
from instance.jobs.wording import contents_of, parts_of
from instance.skills import service as skills
from instance.split import split_document
from instance.wire import context, instant, quantity

Document = Mapping[str, Any]

PROPOSAL = "https://w3id.org/valueflows/ont/vf#Proposal"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CURRENCY = "urn:iso:std:iso:4217:"
LD_JSON = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def posting_of(job: JobView, *, exact: bool) -> Posting:
    """Return what others are told of a job: exact hours for members, else parts of the day."""
    shifts = tuple(_posted(one, exact=exact) for one in job.standing)
    return Posting(
        iri=job.iri,
        group=job.group,
        title=job.title,
        district=skills.places().district(job.district, job.language) if job.district else "",
        pay_cents_per_hour=job.pay_cents_per_hour,
        currency=job.currency,
        break_minutes=job.break_minutes,
        hours=_hours(job),
        contents=contents_of(job, shifts),
        shifts=shifts,
        published=job.published,
        updated=job.updated,
        until=_closes(job),
        split=job.split if job.pay_cents_per_hour else (),
    )


def job_document(
    job: JobView, *, audience: Audience, to: Sequence[str] = (), cc: Sequence[str] = ()
) -> dict[str, Any]:
    """Write a job as the Note that an audience gets: exact hours only for members.

    `to` and `cc` are those of the activity that carries it; by default those of a public post.
    """
    if audience is Audience.PUBLIC and not to:
        to, cc = [PUBLIC], [f"{job.group}/followers"]
    posting = posting_of(job, exact=audience is Audience.MEMBERS)
    return write_posting(posting, to=to, cc=cc)


def write_posting(posting: Posting, *, to: Sequence[str], cc: Sequence[str] = ()) -> dict[str, Any]:
    """Write a posting as a Note with marketplace keys (FEP-0837), read whole by microblogs."""
    language, content = posting.contents[0]
    written: dict[str, Any] = {
        "id": posting.iri,
        "type": "Note",
        "attributedTo": posting.group,
        "to": list(to),
        "cc": list(cc),
        "name": posting.title,
        "nameMap": {language: posting.title},
        "url": posting.iri,
        "published": instant(posting.published),
        "updated": instant(posting.updated),
        "endTime": instant(posting.until),
        "content": content,
        "contentMap": {language: content, **dict(posting.contents)},
        "tag": _tags(posting),
        **_market(posting),
        "break": quantity(posting.break_minutes),
        "shifts": [_shift(one, posting.iri) for one in posting.shifts],
    }
    if posting.district:
        written["location"] = {"type": "Place", "name": posting.district}
    if PUBLIC in [*to, *cc]:
        written["interactionPolicy"] = {"canQuote": {"automaticApproval": [PUBLIC]}}
    return written


def proposal_document(posting: Posting) -> dict[str, Any]:
    """Write the strict twin of a public job's Note: a FEP-0837 Proposal with an id of its own."""
    language, content = posting.contents[0]
    return {
        "@context": context(_origin(posting.iri)),
        "id": f"{posting.iri}/proposal",
        "type": "Proposal",
        "attributedTo": posting.group,
        "to": [PUBLIC],
        "name": posting.title,
        "nameMap": {language: posting.title},
        "content": content,
        "contentMap": {language: content, **dict(posting.contents)},
        "url": posting.iri,
        "published": instant(posting.published),
        "updated": instant(posting.updated),
        "endTime": instant(posting.until),
        **_market(posting),
        **({"location": {"type": "Place", "name": posting.district}} if posting.district else {}),
    }


def details_document(job: JobView, shift: ShiftView, person: Iri) -> dict[str, Any]:
    """Write what one confirmed person needs to know to do a shift, as an Event for her alone.

    Its id is the same each time for that shift and person.
    """
    digest = hashlib.sha256(f"{shift.id} {person}".encode()).hexdigest()[:20]
    written: dict[str, Any] = {
        "id": f"{job.iri}/details/{digest}",
        "type": "Event",
        "attributedTo": job.group,
        "to": [person],
        "name": job.title,
        "startTime": instant(shift.start),
        "endTime": instant(shift.end),
        "timezone": shift.timezone,
        "updated": instant(job.updated),
        "job": job.iri,
        "shift": shift.id,
        "break": quantity(job.break_minutes),
        "location": {"type": "Place", "name": job.address, "address": job.address},
        "address": job.address,
        "door": job.door,
        "customer": job.customer,
        "customerPhone": job.customer_phone,
        "contact": {"name": job.contact_name, "phone": job.contact_phone},
        "bring": job.bring,
    }
    return written


def tombstone(iri: Iri) -> dict[str, Any]:
    """Write what stands in the place of a job that was called off."""
    return {"id": iri, "type": "Tombstone", "formerType": "Note"}


def _posted(shift: ShiftView, *, exact: bool) -> PostedShift:
    return PostedShift(
        id=shift.id,
        day=shift.start.astimezone(ZoneInfo(shift.timezone)).date(),
        parts=parts_of(shift.start, shift.end, shift.timezone),
        timezone=shift.timezone,
        openings=shift.openings,
        start=shift.start if exact else None,
        end=shift.end if exact else None,
    )


def _hours(job: JobView) -> str:
    minutes = sum(one.minutes * one.places for one in job.standing)
    return f"{(Decimal(minutes) / 60).quantize(Decimal('0.01')).normalize():f}"


def _closes(job: JobView) -> datetime:
    """Return the midnight after the last shift: the hour itself is not for everybody."""
    last = max((one for one in job.standing or job.shifts), key=lambda one: one.end)
    zone = ZoneInfo(last.timezone)
    day = last.end.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _market(posting: Posting) -> dict[str, Any]:
    skill = next((place.skill for one in posting.shifts for place in one.openings), None)
    primary: dict[str, Any] = {
        "type": "Intent",
        "id": f"{posting.iri}#primary",
        "action": "deliverService",
        "resourceQuantity": {"hasUnit": "hour", "hasNumericalValue": "1"},
        "availableQuantity": {"hasUnit": "hour", "hasNumericalValue": posting.hours},
    }
    if skill:
        primary["resourceConformsTo"] = skills.iri_of(_origin(posting.iri), skill)
    pay = Decimal(posting.pay_cents_per_hour) / 100
    split = split_document(posting.split)
    return {
        "purpose": "request",
        "unitBased": True,
        "publishes": primary,
        "reciprocal": {
            "type": "Intent",
            "id": f"{posting.iri}#reciprocal",
            "action": "transfer",
            "resourceConformsTo": f"{CURRENCY}{posting.currency}",
            "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": f"{pay:f}"},
            **({"split": split} if split else {}),
        },
    }


def _shift(shift: PostedShift, job: Iri) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": shift.id,
        "type": "Event",
        "day": shift.day.isoformat(),
        "parts": list(shift.parts),
        "timezone": shift.timezone,
        "openings": [_opening(one, job) for one in shift.openings],
    }
    if shift.start and shift.end:
        written |= {"startTime": instant(shift.start), "endTime": instant(shift.end)}
    return written


def _opening(opening: OpeningView, job: Iri) -> dict[str, Any]:
    origin = _origin(job)
    written: dict[str, Any] = {
        "id": opening.iri,
        "type": "Intent",
        "action": "work",
        "resourceConformsTo": skills.iri_of(origin, opening.skill),
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": str(opening.count)},
    }
    if opening.level:
        written["levelOfSkill"] = opening.level
    for name in ("certificates", "languages"):
        if keys := getattr(opening, name):
            written[name] = [skills.iri_of(origin, key) for key in keys]
    return written


def _tags(posting: Posting) -> list[dict[str, Any]]:
    origin = _origin(posting.iri)
    words = dict.fromkeys(place.skill for one in posting.shifts for place in one.openings)
    names = ["CoopJobs", *(hashtag(skills.vocabulary().label(key, "en")) for key in words)]
    return [
        {
            "type": "Link",
            "mediaType": LD_JSON,
            "href": f"{posting.iri}/proposal",
            "rel": PROPOSAL,
            "name": posting.title,
        },
        *(
            {"type": "Hashtag", "name": f"#{name}", "href": f"{origin}/jobs"}
            for name in dict.fromkeys(names)
        ),
    ]


def hashtag(label: str) -> str:
    """Return a label as one word, as hashtags are written: HomeCare."""
    return "".join(
        part.capitalize()
        for part in "".join(letter if letter.isalnum() else " " for letter in label).split()
    )


def _origin(iri: str) -> str:
    parts = urlsplit(iri)
    return f"{parts.scheme}://{parts.netloc}"
