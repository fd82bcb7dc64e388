"""What the stranger says, written after the examples in FEDERATION.md."""

from __future__ import annotations

THIS = "urn:this"
"""Stands for the id of the activity that says it."""


def seconds(number: int) -> dict:
    return {"hasUnit": "second", "hasNumericalValue": str(number)}


def places(number: int) -> dict:
    return {"hasUnit": "one", "hasNumericalValue": str(number)}


def stub(activity: dict) -> dict:
    """Return what an answer carries of what it answers."""
    inner = activity["object"]
    if isinstance(inner, dict):
        inner = stub(inner) if "actor" in inner else {"type": inner["type"]}
    return {"id": activity["id"], "type": activity["type"], "actor": activity["actor"]} | {
        "object": inner
    }


def share(person: str, group: str, now: str, words: str) -> dict:
    """Write all that a member's home may tell; `words` is where the vocabulary is."""
    return {
        "id": f"{person}/share",
        "type": "DataShare",
        "attributedTo": person,
        "audience": group,
        "fields": [
            *("name", "phone", "email", "district", "skills", "certificates", "languages"),
            *("weekly_hours", "availability"),
        ],
        "asOf": now,
        "name": "Ana Silva",
        "phone": "0101 0009",
        "email": "ana@mail.example",
        "district": "sha-tin-district",
        "weeklyMinutes": 1800,
        "adult": True,
        "skills": [{"id": f"{words}#home-care", "levelOfSkill": 2}],
        "certificates": [{"id": f"{words}#first-aid-certificate", "validUntil": "2029-03-02"}],
        "languages": [f"{words}#language-yue"],
        "windows": [{"startTime": "2027-01-04T08:00:00Z", "endTime": "2027-02-10T08:00:00Z"}],
    }


def stamp(group: str, person: str, now: str) -> dict:
    """Write that somebody belongs to a group."""
    return {
        "id": f"{group}/affiliations/1",
        "type": "Relationship",
        "attributedTo": group,
        "subject": person,
        "object": group,
        "relationship": "member",
        "startTime": now,
    }


def asked(group: str, job: str, start: str, end: str, words: str) -> dict:
    """Write the Commitment that a group asks a person for."""
    return {
        "type": "Commitment",
        "action": "work",
        "satisfies": f"{job}#o1",
        "resourceConformsTo": f"{words}#home-care",
        "startTime": start,
        "endTime": end,
        "effortQuantity": seconds(7200),
        "receiver": group,
        "job": job,
        "name": "Window day",
        "reciprocal": pay(),
        "break": seconds(0),
        "timezone": "Asia/Hong_Kong",
        "why": ["chosen_by_leader"],
        "location": {"type": "Place", "name": "Kwun Tong"},
    }


def pay() -> dict:
    return {
        "type": "Intent",
        "action": "transfer",
        "resourceConformsTo": "urn:iso:std:iso:4217:HKD",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "75"},
    }


def promise(person: str, invite: str, offered: dict) -> dict:
    """Write what a person promises who was asked for this."""
    same = ("satisfies", "resourceConformsTo", "receiver", "inScopeOf", "job", "startTime")
    same = (*same, "endTime", "effortQuantity")
    return {
        "id": f"{THIS}#commitment",
        "type": "Commitment",
        "action": "work",
        "attributedTo": person,
        "provider": person,
        "inReplyTo": invite,
        **{name: offered[name] for name in same if name in offered},
    }


def hours(promised: dict, receiver: str, worked: int, **more: str) -> dict:
    """Write the hours of a promise to a group: so many seconds."""
    same = ("attributedTo", "inReplyTo", "inScopeOf", "job", "satisfies")
    return {
        "id": f"{THIS}#hours",
        "type": "EconomicEvent",
        "action": "work",
        **{name: promised[name] for name in same if name in promised},
        "provider": promised["attributedTo"],
        "receiver": receiver,
        "fulfills": promised["id"],
        "name": "Tea morning",
        "hasBeginning": promised["startTime"],
        "hasEnd": promised["endTime"],
        "timezone": "Asia/Hong_Kong",
        "break": seconds(0),
        "effortQuantity": seconds(worked),
        "code": "entered",
        **more,
    }


def terms(group: str, other: str, now: str) -> dict:
    """Write the terms that a group offers another, to be signed."""
    return {
        "@context": ["https://www.w3.org/ns/activitystreams"],
        "type": "Relationship",
        "relationship": "ally",
        "context": THIS,
        "subject": group,
        "object": other,
        "startTime": now,
        "endTime": "2027-12-31T23:59:59Z",
        "content": "Tea is shared.",
        "terms": {
            "limits": [
                {"provider": group, "receiver": other, "effortQuantity": seconds(144_000)},
                {"provider": other, "receiver": group, "effortQuantity": seconds(144_000)},
            ],
            "rate": {"hasUnit": "HKD", "hasNumericalValue": "75.00"},
            "levy": "5",
            "lendingMode": "mutual_aid",
            "employer": "lender",
            "insurer": "Harbour Mutual, policy 4711",
            "licence": "",
            "notice": seconds(7200),
        },
    }


def ask(group: str, to: str, number: int, now: str, words: str) -> dict:
    """Write that a group asks an ally for two people."""
    job = f"{group}/jobs/{number}"
    opening = {
        "id": f"{job}#o1",
        "type": "Intent",
        "action": "work",
        "resourceConformsTo": f"{words}#home-care",
        "levelOfSkill": "0",
        "certificates": [],
        "languages": [],
        "resourceQuantity": places(2),
        "startTime": "2027-01-08T01:00:00Z",
        "endTime": "2027-01-08T03:00:00Z",
        "timezone": "Asia/Hong_Kong",
    }
    return {
        "id": f"{group}/asks/{number}",
        "type": "Proposal",
        "purpose": "request",
        "attributedTo": group,
        "name": "Moving day",
        "job": job,
        "updated": now,
        "replyBy": "2027-01-06T12:00:00Z",
        "break": seconds(0),
        "publishes": [opening],
        "reciprocal": {**pay(), "levy": "5"},
        "location": {"type": "Place", "name": "Sha Tin"},
        "to": [to],
    }


def agreement(proposal: dict, number: int) -> dict:
    """Write what is offered for an ask: so many people for each of its openings."""
    return {
        "type": "Agreement",
        "context": proposal["id"],
        "job": proposal["job"],
        "jobUpdated": proposal["updated"],
        "stipulates": [
            {
                "type": "Commitment",
                "action": "work",
                "satisfies": one["id"],
                "resourceQuantity": places(number),
                "effortQuantity": seconds(7200),
                "startTime": one["startTime"],
                "endTime": one["endTime"],
            }
            for one in proposal["publishes"]
        ],
    }


def details(group: str, person: str, commitment: str, now: str) -> dict:
    """Write where exactly somebody is to be."""
    return {
        "id": f"{group}/details/1",
        "type": "Event",
        "attributedTo": group,
        "to": [person],
        "name": "Window day",
        "startTime": "2027-01-08T06:00:00Z",
        "endTime": "2027-01-08T08:00:00Z",
        "timezone": "Asia/Hong_Kong",
        "updated": now,
        "job": f"{group}/jobs/1",
        "shift": f"{group}/jobs/1#s1",
        "break": seconds(0),
        "location": {"type": "Place", "name": "Flat 9", "address": "Flat 9"},
        "address": "Flat 9",
        "door": "door code 4712",
        "customer": "Mrs Ip",
        "customerPhone": "0102 0002",
        "contact": {"name": "Heron", "phone": "0101 0002"},
        "bring": "Indoor shoes",
        "inReplyTo": commitment,
    }


def tombstone(iri: str, former: str, **more: str) -> dict:
    return {"id": iri, "type": "Tombstone", "formerType": former, **more}
