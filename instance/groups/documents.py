"""How groups, memberships and shared data look on the wire; reading refuses with ValueError."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from federation import Iri
from instance import wire
from instance.consent import service as consent
from instance.groups.models import Belonging, Membership, Takeover
from instance.groups.views import (
    Asked,
    FoundGroup,
    FoundPerson,
    GroupView,
    Shared,
    home_of,
    host_of,
)
from instance.skills import service as skills

Short = Annotated[str, msgspec.Meta(max_length=200)]
Sentence = Annotated[str, msgspec.Meta(max_length=1000)]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class _Skill(msgspec.Struct, rename="camel"):
    id: Address
    level_of_skill: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0


class _Certificate(msgspec.Struct, rename="camel"):
    id: Address
    valid_until: date | None = None


class _Window(msgspec.Struct, rename="camel"):
    start_time: Annotated[datetime, msgspec.Meta(tz=True)]
    end_time: Annotated[datetime, msgspec.Meta(tz=True)]


class _Share(msgspec.Struct, rename="camel"):
    fields: Annotated[list[Short], msgspec.Meta(max_length=30)]
    as_of: Annotated[datetime, msgspec.Meta(tz=True)]
    name: Short | None = None
    phone: Short | None = None
    email: Short | None = None
    district: Short | None = None
    weekly_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] | None = None
    adult: bool | None = None
    skills: Annotated[list[_Skill], msgspec.Meta(max_length=300)] = []
    certificates: Annotated[list[_Certificate], msgspec.Meta(max_length=300)] = []
    languages: Annotated[list[Address], msgspec.Meta(max_length=50)] = []
    windows: Annotated[list[_Window], msgspec.Meta(max_length=1000)] = []


class _Asked(msgspec.Struct):
    field: Short
    essential: bool = False
    why: Sentence = ""


class _Group(msgspec.Struct, rename="camel"):
    id: Address
    type: Short
    preferred_username: Short
    asks: Annotated[list[_Asked], msgspec.Meta(max_length=30)]
    asks_days: Annotated[int, msgspec.Meta(ge=1, le=3650)]
    name: str = ""
    summary: str = ""


class _Person(msgspec.Struct, rename="camel"):
    id: Address
    type: Short
    preferred_username: Short
    also_known_as: Annotated[list[Address], msgspec.Meta(max_length=100)] | str | None = None


class _Left(msgspec.Struct):
    group: Address
    until: Annotated[datetime, msgspec.Meta(tz=True)]
    name: Short = ""
    fields: Annotated[list[Short], msgspec.Meta(max_length=30)] = []


class _AllLeft(msgspec.Struct):
    memberships: Annotated[list[_Left], msgspec.Meta(max_length=200)]


def share_document(origin: str, iri: Iri, group: Iri, shared: Shared) -> dict[str, Any]:
    """Write what a person shares with a group: exactly the agreed fields, and as of when."""
    written: dict[str, Any] = {
        "id": iri,
        "type": "DataShare",
        "attributedTo": shared.person,
        "audience": group,
        "fields": sorted(shared.fields),
        "asOf": wire.instant(shared.as_of),
    }
    plain = {
        "name": ("name", shared.name),
        "phone": ("phone", shared.phone),
        "email": ("email", shared.email),
        "district": ("district", shared.district),
        "weekly_hours": ("weeklyMinutes", shared.weekly_minutes),
        "availability": ("adult", shared.adult),
    }
    for field, (key, value) in plain.items():
        if field in shared.fields and value is not None:
            written[key] = value
    return written | {
        key: value for key, value in _lists(origin, shared).items() if key in _keys(shared)
    }


def read_share(document: Mapping[str, Any], person: Iri) -> Shared:
    """Read what a person's home shares; what it does not list as agreed is left out."""
    read = msgspec.convert(document, _Share)
    fields = frozenset(read.fields) & consent.FIELDS.keys()
    whole = Shared(
        person=person,
        fields=fields,
        as_of=wire.within_reach(read.as_of),
        name=read.name if "name" in fields else None,
        phone=read.phone if "phone" in fields else None,
        email=read.email if "email" in fields else None,
        district=_place(read.district) if "district" in fields else None,
        weekly_minutes=read.weekly_minutes if "weekly_hours" in fields else None,
        adult=read.adult if "availability" in fields else None,
    )
    if "skills" in fields:
        held = {_known("skill", one.id): min(max(one.level_of_skill, 1), 3) for one in read.skills}
        held.pop("", None)
        whole = msgspec.structs.replace(whole, skills=tuple(held.items()))
    if "certificates" in fields:
        valid = {_known("certificate", one.id): one.valid_until for one in read.certificates}
        valid.pop("", None)
        whole = msgspec.structs.replace(whole, certificates=tuple(valid.items()))
    if "languages" in fields:
        spoken = dict.fromkeys(_known("language", one) for one in read.languages)
        whole = msgspec.structs.replace(whole, languages=tuple(one for one in spoken if one))
    if "availability" in fields:
        whole = msgspec.structs.replace(whole, windows=_windows(read.windows))
    return whole


def group_extra(group: GroupView) -> dict[str, Any]:
    """Write what a group's actor document says beyond what every actor's does."""
    return {
        "asks": [msgspec.to_builtins(one) for one in group.asked],
        "asksDays": group.asked_days,
        "capabilities": {"acceptsJoins": True},
        "openness": "moderated",
    }


def read_group(document: Mapping[str, Any]) -> FoundGroup:
    """Read a group's actor document. Unknown fields that it asks for are left out."""
    read = msgspec.convert(document, _Group)
    if read.type != "Group":
        raise ValueError("not a group")
    return FoundGroup(
        iri=Iri(read.id),
        name=(read.name or read.preferred_username)[:200],
        handle=f"{read.preferred_username}@{host_of(read.id)}",
        about=read.summary[:2000],
        asked=tuple(
            Asked(one.field, one.essential, one.why)
            for one in read.asks
            if one.field in consent.FIELDS
        ),
        asked_days=read.asks_days,
        here=False,
    )


def read_person(document: Mapping[str, Any]) -> FoundPerson:
    """Read a person's actor document as far as finding her again needs it."""
    read = msgspec.convert(document, _Person)
    if read.type != "Person":
        raise ValueError("not a person")
    also = [read.also_known_as] if isinstance(read.also_known_as, str) else read.also_known_as
    handle = f"{read.preferred_username}@{host_of(read.id)}"
    return FoundPerson(Iri(read.id), handle, tuple(also or ()))


def left_document(row: Belonging, receipt: consent.Receipt | None, now: datetime) -> dict[str, Any]:
    """Write what somebody who moves leaves behind in one group, for her new home alone."""
    return {
        "group": row.group,
        "name": row.group_name,
        "fields": list(receipt.fields) if receipt else [],
        "until": wire.instant(receipt.until if receipt else now),
    }


def expected_document(row: Takeover) -> dict[str, Any]:
    """Write what somebody has yet to take over from another account, in the same words."""
    until = wire.instant(row.until)
    return {"group": row.group, "name": row.group_name, "fields": row.fields, "until": until}


def read_memberships(value: object) -> list[tuple[Iri, str, list[str], datetime]]:
    """Read what an account leaves behind: group, its name, the agreed fields, until when."""
    if value is None:
        return []
    return [
        (
            Iri(one.group),
            one.name or one.group,
            read_fields(one.fields),
            wire.within_reach(one.until),
        )
        for one in msgspec.convert({"memberships": value}, _AllLeft).memberships
    ]


def read_fields(value: object) -> list[str]:
    """Read the names of agreed fields; what is none is left out."""
    known = value if isinstance(value, list) else []
    return [one for one in known[:30] if isinstance(one, str) and one in consent.FIELDS]


def stamp_document(row: Membership, iri: Iri) -> dict[str, Any]:
    """Write the Relationship by which a group says that somebody belongs to it."""
    stamp: dict[str, Any] = {
        "id": iri,
        "type": "Relationship",
        "attributedTo": row.group,
        "subject": row.person,
        "object": row.group,
        "relationship": "member",
    }
    if row.since:
        stamp["startTime"] = wire.instant(row.since)
    if row.ended:
        stamp["endTime"] = wire.instant(row.ended)
    return stamp


def stamp_proves(stamp: object, group: Iri, person: str) -> bool:
    """Tell whether a Relationship is this group's, about this person, and says that she belongs."""
    if not isinstance(stamp, Mapping) or stamp.get("type") != "Relationship":
        return False
    iri = stamp.get("id")
    return (
        isinstance(iri, str)
        and _at_home(iri, group)
        and stamp.get("attributedTo") == group
        and stamp.get("object") == group
        and stamp.get("subject") == person
        and "endTime" not in stamp
    )


def _at_home(iri: str, group: Iri) -> bool:
    try:
        return home_of(iri) == home_of(group)
    except ValueError:
        return False


def _keys(shared: Shared) -> set[str]:
    named = {"skills", "certificates", "languages"} & shared.fields
    return named | ({"windows"} if "availability" in shared.fields else set())


def _lists(origin: str, shared: Shared) -> dict[str, Any]:
    return {
        "skills": [
            {"id": skills.iri_of(origin, key), "levelOfSkill": level}
            for key, level in shared.skills
        ],
        "certificates": [
            {"id": skills.iri_of(origin, key)}
            | ({"validUntil": until.isoformat()} if until else {})
            for key, until in shared.certificates
        ],
        "languages": [skills.iri_of(origin, key) for key in shared.languages],
        "windows": [
            {"startTime": wire.instant(start), "endTime": wire.instant(end)}
            for start, end in shared.windows
        ],
    }


def _known(kind: str, iri: str) -> str:
    """Return the key of a word of the vocabulary, or nothing for one that nobody here knows."""
    term = skills.vocabulary().term(skills.key_of(iri))
    return term.key if term and term.kind == kind else ""


def _place(key: str | None) -> str | None:
    return key if key and skills.places().place(key) else None


def _windows(read: list[_Window]) -> tuple[tuple[datetime, datetime], ...]:
    return tuple(
        (wire.within_reach(one.start_time), wire.within_reach(one.end_time))
        for one in read
        if one.start_time < one.end_time
    )
