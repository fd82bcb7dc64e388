"""People, openings, groups and allies: frozen values that put themselves in order.

Every value sorts what it holds when it is made, so two descriptions of the same thing are equal
and have the same bytes, in whatever order they were written down. Nothing here says what may not
count (name, gender, nationality, photo, a rating): no such field exists, and an unknown one is
refused when a problem is read.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec.structs import force_setattr

from matching.intervals import Interval, Minute, merged

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
"""An IRI, or any other name that stands for one thing: a worker, a skill, a district."""

Minutes = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
WeeklyMinutes = Annotated[int, msgspec.Meta(ge=0, le=7 * 24 * 60)]
OwedMinutes = Annotated[int, msgspec.Meta(ge=-100_000_000, le=100_000_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Level = Annotated[int, msgspec.Meta(ge=0, le=100)]

Metres = Annotated[int, msgspec.Meta(ge=0, le=40_000_000)]
"""A distance in whole metres; no two points on Earth are further apart."""

Coordinate = Annotated[int, msgspec.Meta(ge=-20_000_000, le=20_000_000)]

CoarseCount = Literal["0", "1–2", "3–5", "6+"]  # noqa: RUF001  the dash that pages show, as agreed between allies


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person must bring; no skill or no level means that any will do."""

    skill: Identifier | None = None
    level: Level | None = None
    certificates: tuple[Identifier, ...] = ()
    languages: tuple[Identifier, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "certificates", tuple(sorted(set(self.certificates))))
        force_setattr(self, "languages", tuple(sorted(set(self.languages))))


class HeldSkill(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True, gc=False):
    """A skill that a worker says she has, with its level."""

    key: Identifier
    level: Level = 0


class HeldCertificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A certificate and the minute up to which it is valid; None means that it does not expire."""

    key: Identifier
    valid_until: Minute | None = None


class WeekMinutes(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True, gc=False):
    """Minutes promised or worked in the week that begins at `start`."""

    start: Minute
    minutes: Minutes


class Worker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person, by what she agreed to share for staffing and by nothing else.

    `free` are her painted hours as shared; empty means that nothing is known. `promised` is what
    she is known to have promised. `weeks` tells minutes already counted in a week, those promised
    included; where `promised` adds up to more, that counts. `minutes_wanted` is per week,
    `minutes_had` too, over the weeks before as they fade (`fairness.faded`). `age_ok` is the whole
    of what is known of her age: the legal minimum for this work is reached.
    `farthest_metres` is how far from her home district she goes; None means anywhere.
    `worked_with` are those whom she shared shifts with lately.
    """

    id: Identifier
    groups: tuple[Identifier, ...]
    age_ok: bool
    skills: tuple[HeldSkill, ...] = ()
    certificates: tuple[HeldCertificate, ...] = ()
    languages: tuple[Identifier, ...] = ()
    free: tuple[Interval, ...] = ()
    promised: tuple[Interval, ...] = ()
    weeks: tuple[WeekMinutes, ...] = ()
    district: Identifier | None = None
    minutes_wanted: WeeklyMinutes = 0
    minutes_had: Minutes = 0
    farthest_metres: Metres | None = None
    worked_with: tuple[Identifier, ...] = ()

    def __post_init__(self) -> None:
        need_distinct("week", [str(week.start) for week in self.weeks])
        certificates = sorted(set(self.certificates), key=_certificate_order)
        force_setattr(self, "groups", tuple(sorted(set(self.groups))))
        force_setattr(self, "skills", tuple(sorted(set(self.skills))))
        force_setattr(self, "certificates", tuple(certificates))
        force_setattr(self, "languages", tuple(sorted(set(self.languages))))
        force_setattr(self, "free", merged(self.free))
        force_setattr(self, "promised", merged(self.promised))
        force_setattr(self, "weeks", tuple(sorted(self.weeks)))
        force_setattr(self, "worked_with", tuple(sorted(set(self.worked_with))))


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The policy in force, as data; `policy` names it and its version for the record.

    `weeks` are the weeks that the cap is counted in, as UTC minutes, so that the zone and its
    summer time stay with the caller. None as the cap means that there is none.
    """

    policy: str = ""
    rest_minutes: Minutes = 0
    weekly_cap_minutes: Minutes | None = None
    weeks: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "weeks", tuple(sorted(set(self.weeks))))


class Opening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Places in a shift for one skill: `count` of them, `taken` of which need nobody any more.

    `group` has the job; None means the group that asks. `people` are those of the shift who are
    known to have their place already.
    """

    id: Identifier
    job: Identifier
    shift: Identifier
    interval: Interval
    count: Count
    requirement: Requirement
    group: Identifier | None = None
    district: Identifier | None = None
    taken: Count = 0
    people: tuple[Identifier, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "people", tuple(sorted(set(self.people))))

    @property
    def places(self) -> int:
        """How many places a plan may fill."""
        return max(0, self.count - self.taken)


class TeamRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least so many of a team meet this requirement; `met` of them are there already.

    One person may count for several rules: the lead may be one of the two who speak a language.
    """

    least: Count
    requirement: Requirement
    met: Count = 0


class Team(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Openings that are filled by one team; a `whole` one comes complete or not at all."""

    id: Identifier
    openings: tuple[Identifier, ...]
    rules: tuple[TeamRule, ...] = ()
    whole: bool = False

    def __post_init__(self) -> None:
        force_setattr(self, "openings", tuple(sorted(set(self.openings))))
        force_setattr(self, "rules", tuple(sorted(self.rules, key=msgspec.json.encode)))


class District(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True, gc=False):
    """The middle of a district: metres east and north of any one point."""

    id: Identifier
    east: Coordinate
    north: Coordinate


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group that has openings; `others` are groups whose people its leaders lead as well."""

    id: Identifier
    others: tuple[Identifier, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "others", tuple(sorted(set(self.others))))


class Alliance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One group may borrow named people from another, so many minutes more.

    One direction only: an alliance that goes both ways is two of these. `minutes_left` is the
    smaller of what the agreement and the balance allow, so that lending less is always legal too.
    No skills means all. `owed_minutes` is what the lender owes the borrower. What is borrowed is
    not lent on.
    """

    id: Identifier
    lender: Identifier
    borrower: Identifier
    minutes_left: Minutes
    skills: tuple[Identifier, ...] = ()
    owed_minutes: OwedMinutes = 0
    notice_minutes: Minutes = 0

    def __post_init__(self) -> None:
        force_setattr(self, "skills", tuple(sorted(set(self.skills))))


class CapacityCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many people with a skill an ally may have in one half-day: never who.

    `at_least` is the lower bound that `label` stands for.
    """

    skill: Identifier
    window: Interval
    at_least: Count
    label: CoarseCount


class AllyCapacity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an allied group could lend, in coarse counts.

    `minutes_left` may still be borrowed under the alliance; `owed_minutes` is what they owe us
    (less than nothing when we owe them).
    """

    group: Identifier
    alliance: Identifier
    minutes_left: Minutes
    counts: tuple[CapacityCount, ...] = ()
    owed_minutes: OwedMinutes = 0

    def __post_init__(self) -> None:
        counts = sorted(self.counts, key=lambda count: (count.skill, count.window, count.at_least))
        force_setattr(self, "counts", tuple(counts))


def _certificate_order(certificate: HeldCertificate) -> tuple[str, bool, int]:
    return certificate.key, certificate.valid_until is None, certificate.valid_until or 0


def need_distinct(kind: str, ids: Iterable[object]) -> None:
    """Raise ValueError for two of one name."""
    seen: set[object] = set()
    for one in ids:
        if one in seen:
            raise ValueError(f"the {kind} {one} is there twice")
        seen.add(one)
