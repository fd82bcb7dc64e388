"""Our own words on the wire, each with its meaning; `/ns/labour` documents them."""

from __future__ import annotations

from collections.abc import Mapping

TERMS: Mapping[str, str] = {
    "CheckIn": "That somebody has come to her work, by the code at its door; never where she is.",
    "DataShare": "What a member's home lets one group know about her: agreed fields and windows.",
    "address": "Where exactly the work is: told to confirmed people alone.",
    "asOf": "When what is said was true.",
    "asks": "The fields that a group asks its members to share: each with why, essential or not.",
    "asksDays": "For how many days a group asks to know them.",
    "adult": "Whether the member is of full age.",
    "break": "The unpaid break within a shift.",
    "bring": "What to bring along.",
    "certificates": "Certificates: by key, with the last valid day where there is one.",
    "code": "Why something ended, was refused or is stated: one of the codes below.",
    "contact": "Whom to call on the day: told to confirmed people alone.",
    "count": "How many.",
    "customer": "For whom the work is: told to confirmed people alone.",
    "customerPhone": "How to reach the customer: told to confirmed people alone.",
    "day": "The date of a shift, in the time zone of its place.",
    "decision": "An opaque id under which the sender's log keeps who decided.",
    "district": "The district, by its key in the vocabulary; never an address.",
    "door": "How to get in: told to confirmed people alone.",
    "doorCode": "The six digits that hang at the door of a shift.",
    "employer": "Who employs the people who are lent.",
    "fields": "The fields that a member agreed to share.",
    "holdUntil": "Until when the home keeps the time free for a confirmation.",
    "insurer": "Who insures the people who are lent.",
    "job": "The job that a promise or an agreement belongs to.",
    "jobUpdated": "The version of the job that an offer was made for.",
    "languages": "Languages: by key.",
    "lendingMode": "In which legal form labour is lent.",
    "levelOfSkill": "How well a skill has to be known: 1 to 3, or 0 for any.",
    "levy": "What comes on top of the rate, in percent; the borrower pays it.",
    "licence": "The licence under which labour is lent, where one is needed.",
    "limits": "How many minutes may stand open in each direction.",
    "memberships": "What somebody who moves belonged to: group, name, fields, until when.",
    "notice": "How long before its start something may be called off or taken back.",
    "openings": "The kinds of places of a shift, each an Intent.",
    "parts": "The parts of the day that a shift touches: morning, afternoon, evening, night.",
    "payment": "What the worker is paid for an hour.",
    "places": "How many places of one opening.",
    "rate": "What the worker is paid for an hour, in the smallest unit.",
    "reconciliation": "Where an instance shows a peer's Application what it has told that peer.",
    "release": "The promises to let go of when places are taken back.",
    "replaces": "The earlier activity that this one takes the place of.",
    "replyBy": "Until when an answer is awaited.",
    "share": "The DataShare by which a group decides on a Join.",
    "shift": "The shift that details belong to.",
    "shifts": "The stretches of time of a job.",
    "skills": "Skills: by key, with their level.",
    "split": "Where what the customer pays goes, in percent that make 100, the worker's first.",
    "terms": "The clauses of an alliance, which both groups sign word for word.",
    "timezone": "The IANA time zone of the place.",
    "weeklyMinutes": "How many minutes a week a member would like to work.",
    "why": "The reasons for which a person was asked, as codes.",
    "windows": "Stretches of time in which a member is free, never with a reason.",
}


CODES: Mapping[str, str] = {
    "free_and_qualified": "In `why`: she is free then, and can do it.",
    "chosen_by_leader": "In `why`: a leader chose her.",
    "declined": "She said no.",
    "rule": "She is not free then, or rest or a cap of hours stands against it; which is not said.",
    "expired": "Nobody answered or confirmed in time.",
    "withdrawn": "She said yes, and cannot come after all.",
    "called_off": "The work, or her place in it, is no longer needed.",
    "not_needed": "Others fill the place she said yes to.",
    "filled": "Others fill the place that she was asked for.",
    "moved": "She was asked anew, for another time or at another account.",
    "taken_back": "The lender took its places back.",
    "entered": "Hours stated for the first time.",
    "changed": "Hours stated anew, before an answer.",
    "agreed": "Hours as the group would have them, or fewer: it counts them at once.",
    "wrong_code": "Of a check-in: this is not the code at the door of that shift.",
    "not_now": "Of a check-in: it is not from an hour before the shift to its end.",
    "too_many": "Of a check-in: too many codes were tried; later one may try again.",
    "disputed": "Hours that she stands by and the group does not.",
}
"""What stands in `code` and `why` about people and hours; of loans also their clauses."""


def namespace(origin: str) -> str:
    """Return the address that our terms begin with."""
    return f"{origin}/ns/labour#"
