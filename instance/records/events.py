"""What happened to hours.

An event is named by the id of the EconomicEvent; `side` says in whose book it happened: `worker`
(her home), `group` (whose job it is) or `lender`.
"""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class HoursStated:
    """A person of ours stated hours: the groups concerned are to be told."""

    event: Iri


@dataclass(frozen=True, slots=True)
class HoursEntered:
    """Hours of somebody reached a book: at the group they wait for its leaders."""

    event: Iri
    side: str
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class HoursAccepted:
    """A group of ours confirmed hours: the worker and the lender are to be told."""

    event: Iri


@dataclass(frozen=True, slots=True)
class HoursRejected:
    """A group of ours says other hours: the worker and the lender are to be told."""

    event: Iri


@dataclass(frozen=True, slots=True)
class HoursCorrected:
    """The group says other hours than the worker, who agrees or tells her side."""

    event: Iri
    side: str
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class WorkConfirmed:
    """Hours count from now on in one book."""

    event: Iri
    side: str
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class WorkDisputed:
    """Worker and group say different hours, and the difference stands open in one book."""

    event: Iri
    side: str
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A person of ours came to her work: the group whose job it is is to be told, by the code."""

    invite: Iri
    code: str


@dataclass(frozen=True, slots=True)
class CheckInAnswered:
    """A group of ours took a check-in, or did not; `reason` says why not."""

    event: Iri
    person: Iri
    group: Iri
    invite: Iri
    reason: str
