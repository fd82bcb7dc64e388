"""What matching is asked and what it answers: frozen values that put themselves in order.

Every value sorts what it holds when it is made, so two descriptions of the same thing are equal
and have the same bytes, in whatever order they were written down. Nothing here says what may not
count (name, gender, nationality, photo, a rating): no such field exists, and an unknown one is
refused when a problem is read.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

import msgspec
from msgspec.structs import force_setattr

from matching.intervals import Interval, Minute, merged, minutes_within

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
"""An IRI, or any other name that stands for one thing: a worker, a skill, a district."""

Minutes = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Level = Annotated[int, msgspec.Meta(ge=0, le=100)]

RULE_VERSION = "1"
"""Raised with every change that may give another plan for the same problem."""

Priority = Literal["fill", "own_group", "reciprocity", "fairness", "travel"]
DEFAULT_PRIORITIES: tuple[Priority, ...] = get_args(Priority)

AskedState = Literal["invited", "declined"]
CoarseCount = Literal["0", "1–2", "3–5", "6+"]  # noqa: RUF001  the dash that pages show, as agreed between allies


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person must bring to an opening; `level` None means that any level will do."""

    skill: Identifier
    level: Level | None = None
    certificates: tuple[Identifier, ...] = ()
    languages: tuple[Identifier, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "certificates", tuple(sorted(set(self.certificates))))
        force_setattr(self, "languages", tuple(sorted(set(self.languages))))


class HeldSkill(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A skill that a worker says she has, with its level."""

    key: Identifier
    level: Level = 0


class HeldCertificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate and the minute up to which it is valid; None means that it does not expire."""

    key: Identifier
    valid_until: Minute | None = None


class WeekMinutes(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """Minutes promised or worked in the week that begins at `start`."""

    start: Minute
    minutes: Minutes


class Worker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person, by what she agreed to share for staffing and by nothing else.

    `free` are her painted hours as shared; empty means that nothing is known. `promised` is what
    she is known to have promised. `weeks` tells minutes already counted in a week, those promised
    included; where `promised` adds up to more, that counts. `minutes_wanted` is per week,
    `minutes_had` over the rolling stretch that the group looks back on, scaled to a week. `age_ok`
    is the whole of what is known of her age: the legal minimum for this work is reached.
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
    minutes_wanted: Minutes = 0
    minutes_had: Minutes = 0

    def __post_init__(self) -> None:
        _need_distinct("week", [str(week.start) for week in self.weeks])
        certificates = sorted(set(self.certificates), key=_certificate_order)
        force_setattr(self, "groups", tuple(sorted(set(self.groups))))
        force_setattr(self, "skills", tuple(sorted(set(self.skills))))
        force_setattr(self, "certificates", tuple(certificates))
        force_setattr(self, "languages", tuple(sorted(set(self.languages))))
        force_setattr(self, "free", merged(self.free))
        force_setattr(self, "promised", merged(self.promised))
        force_setattr(self, "weeks", tuple(sorted(self.weeks)))


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
    """Places in a shift for one skill: `count` of them, `taken` of which need nobody any more."""

    id: Identifier
    job: Identifier
    shift: Identifier
    interval: Interval
    count: Count
    requirement: Requirement
    district: Identifier | None = None
    taken: Count = 0

    @property
    def places(self) -> int:
        """How many places a plan may fill."""
        return max(0, self.count - self.taken)


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
    owed_minutes: Annotated[int, msgspec.Meta(ge=-100_000_000, le=100_000_000)] = 0

    def __post_init__(self) -> None:
        counts = sorted(self.counts, key=lambda count: (count.skill, count.window, count.at_least))
        force_setattr(self, "counts", tuple(counts))


class Asked(msgspec.Struct, frozen=True, order=True, kw_only=True, forbid_unknown_fields=True):
    """This worker was already asked for this opening; `declined` holds every way of saying no."""

    worker: Identifier
    opening: Identifier
    state: AskedState


class Problem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One group's question, whole: whom could we suggest for these openings.

    `seed` decides the lot; it is fixed when the job is published. `priorities` are voted: an order
    of all of `DEFAULT_PRIORITIES` that begins with "fill". Raises ValueError when it contradicts
    itself: two of one id, a weekly cap without the week of an opening.
    """

    id: Identifier
    group: Identifier
    seed: Identifier
    openings: tuple[Opening, ...]
    workers: tuple[Worker, ...]
    rules: Rules
    allies: tuple[AllyCapacity, ...] = ()
    asked: tuple[Asked, ...] = ()
    priorities: tuple[Priority, ...] = DEFAULT_PRIORITIES

    def __post_init__(self) -> None:
        _need_distinct("worker", [worker.id for worker in self.workers])
        _need_distinct("opening", [opening.id for opening in self.openings])
        _need_distinct("alliance", [ally.alliance for ally in self.allies])
        _need_distinct("answer of worker and opening", [(a.worker, a.opening) for a in self.asked])
        _need_priorities(self.priorities)
        _need_weeks(self.rules, self.openings)
        force_setattr(self, "openings", tuple(sorted(self.openings, key=lambda one: one.id)))
        force_setattr(self, "workers", tuple(sorted(self.workers, key=lambda one: one.id)))
        force_setattr(self, "allies", tuple(sorted(self.allies, key=lambda one: one.alliance)))
        force_setattr(self, "asked", tuple(sorted(self.asked)))


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, as a code and named values; the pages make words of it, in the reader's language."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, /, **values: str | int) -> "Reason":
        """Make a reason from plain values, in the order of their names."""
        return cls(code, tuple((name, str(values[name])) for name in sorted(values)))


class Assignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A suggestion: this worker for this opening. It promises nothing; she has not been asked."""

    opening: Identifier
    worker: Identifier
    reason: Reason


class PassedOver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why this worker is not suggested for this opening."""

    opening: Identifier
    worker: Identifier
    reason: Reason


class RuledOut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many workers fail at one hard rule first, for one opening."""

    opening: Identifier
    code: str
    count: int


class AllyOption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ally that could be asked for a place, with the coarse count to show."""

    group: Identifier
    alliance: Identifier
    label: CoarseCount


class Unfilled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Places for which nobody could be suggested, and the allies to ask, first to last."""

    opening: Identifier
    places: int
    reason: Reason
    ally_options: tuple[AllyOption, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What matching suggests, and all that is needed to compute it again to the byte.

    `passed_over` covers those whom no hard rule excludes; the others are counted by rule in
    `ruled_out`, and `matching.reasons_for` names each of them for one opening.
    """

    problem: Identifier
    problem_hash: str
    rule_version: str
    seed: Identifier
    assignments: tuple[Assignment, ...]
    passed_over: tuple[PassedOver, ...]
    ruled_out: tuple[RuledOut, ...]
    unfilled: tuple[Unfilled, ...]


def _certificate_order(certificate: HeldCertificate) -> tuple[str, bool, int]:
    return certificate.key, certificate.valid_until is None, certificate.valid_until or 0


def _need_distinct(kind: str, ids: Iterable[object]) -> None:
    seen: set[object] = set()
    for one in ids:
        if one in seen:
            raise ValueError(f"the {kind} {one} is there twice")
        seen.add(one)


def _need_priorities(priorities: tuple[Priority, ...]) -> None:
    if sorted(priorities) != sorted(DEFAULT_PRIORITIES) or priorities[0] != "fill":
        wanted = ", ".join(DEFAULT_PRIORITIES)
        raise ValueError(f"priorities must begin with fill and hold each of these once: {wanted}")


def _need_weeks(rules: Rules, openings: tuple[Opening, ...]) -> None:
    if rules.weekly_cap_minutes is None:
        return
    for opening in openings:
        inside = sum(minutes_within(opening.interval, week) for week in merged(rules.weeks))
        if inside < opening.interval.minutes:
            raise ValueError(
                f"there is a weekly cap, but opening {opening.id} lies in none of the rules' weeks"
            )
