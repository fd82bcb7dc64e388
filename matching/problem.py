"""The whole question that matching is asked, and where it would contradict itself."""

from collections.abc import Callable, Container, Iterable
from operator import attrgetter
from typing import Any, Literal, get_args

import msgspec
from msgspec.structs import force_setattr

from matching.intervals import Minute, merged, minutes_within
from matching.model import (
    Alliance,
    AllyCapacity,
    District,
    Group,
    Identifier,
    Opening,
    Rules,
    Team,
    Worker,
    need_distinct,
)

Priority = Literal["fill", "own_group", "reciprocity", "fairness", "travel", "team"]
DEFAULT_PRIORITIES: tuple[Priority, ...] = get_args(Priority)

AskedState = Literal["invited", "declined"]
StandingKind = Literal["pinned", "planned"]


class Asked(msgspec.Struct, frozen=True, order=True, kw_only=True, forbid_unknown_fields=True):
    """This worker was already asked for this opening; `declined` holds every way of saying no."""

    worker: Identifier
    opening: Identifier
    state: AskedState


class Standing(msgspec.Struct, frozen=True, order=True, kw_only=True, forbid_unknown_fields=True):
    """A suggestion that stands before planning begins.

    *Pinned*: a leader decided it; no plan moves it. *Planned*: an earlier plan made it; it is moved
    only where that fills one place more.
    """

    worker: Identifier
    opening: Identifier
    kind: StandingKind


class Problem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group's question, whole: whom could we suggest for these openings.

    Openings may be those of several groups (`groups`), with people who are lent (`alliances`);
    of `allies` only counts are known. `moment` is when it is asked, for the notice of alliances.
    `seed` decides the lot; it is fixed when the job is published. `priorities` are voted: an order
    of all of `DEFAULT_PRIORITIES` that begins with "fill". Raises ValueError when it contradicts
    itself: two of one id, a name that nothing bears, a weekly cap without the week of an opening.
    """

    id: Identifier
    group: Identifier
    seed: Identifier
    openings: tuple[Opening, ...]
    workers: tuple[Worker, ...]
    rules: Rules
    moment: Minute = 0
    groups: tuple[Group, ...] = ()
    alliances: tuple[Alliance, ...] = ()
    allies: tuple[AllyCapacity, ...] = ()
    districts: tuple[District, ...] = ()
    teams: tuple[Team, ...] = ()
    standing: tuple[Standing, ...] = ()
    asked: tuple[Asked, ...] = ()
    priorities: tuple[Priority, ...] = DEFAULT_PRIORITIES

    def __post_init__(self) -> None:
        need_consistent(self)
        for name, key in _ORDERED:
            force_setattr(self, name, tuple(sorted(getattr(self, name), key=key)))


_ORDERED: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("openings", attrgetter("id")),
    ("workers", attrgetter("id")),
    ("groups", attrgetter("id")),
    ("alliances", attrgetter("id")),
    ("allies", attrgetter("alliance")),
    ("districts", attrgetter("id")),
    ("teams", attrgetter("id")),
    ("standing", attrgetter("worker", "opening")),
    ("asked", attrgetter("worker", "opening")),
)


def need_consistent(problem: Problem) -> None:
    """Raise ValueError with a sentence that says where a problem contradicts itself."""
    openings = {one.id: one for one in problem.openings}
    workers = {one.id for one in problem.workers}
    need_distinct("worker", [worker.id for worker in problem.workers])
    need_distinct("opening", [opening.id for opening in problem.openings])
    need_distinct("group", [group.id for group in problem.groups])
    need_distinct("district", [district.id for district in problem.districts])
    need_distinct("team", [team.id for team in problem.teams])
    lending = [one.id for one in problem.alliances]
    need_distinct("alliance", [*lending, *(ally.alliance for ally in problem.allies)])
    for name in lending:
        if any(name in (group.id, *group.others) for group in problem.groups):
            raise ValueError(f"the alliance {name} bears the name of a group")
    need_distinct("answer of worker and opening", [(a.worker, a.opening) for a in problem.asked])
    need_distinct("place of worker at", [(one.worker, one.opening) for one in problem.standing])
    need_distinct("team's opening", [one for team in problem.teams for one in team.openings])
    _need_known("opening", openings, [one for team in problem.teams for one in team.openings])
    _need_known("opening", openings, [one.opening for one in problem.standing])
    _need_known("worker", workers, [one.worker for one in problem.standing])
    for team in problem.teams:
        size = sum(openings[one].count for one in team.openings)
        if any(rule.least > size for rule in team.rules):
            raise ValueError(f"team {team.id} has {size} places, and a rule that asks for more")
    _need_priorities(problem.priorities)
    _need_weeks(problem.rules, problem.openings)


def _need_known(kind: str, known: Container[str], named: Iterable[str]) -> None:
    for one in named:
        if one not in known:
            raise ValueError(f"there is no {kind} {one}")


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
