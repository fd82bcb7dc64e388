"""What a group asks of its allies, and what an ally can give: by counts first, by names later.

Neither side sees the other's people. Who asks knows coarse counts for each skill and half-day, and
how many minutes the alliance has left; who is asked plans the places beside its own, and says how
many it could fill.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import msgspec
from msgspec.structs import replace

from matching.allies import counts_touched
from matching.answers import Plan
from matching.fairness import lot
from matching.intervals import Interval
from matching.model import Alliance, AllyCapacity, Identifier, Opening, Worker
from matching.planning import plan as planned
from matching.problem import Problem, Standing


class Ask(msgspec.Struct, frozen=True, order=True, kw_only=True, forbid_unknown_fields=True):
    """So many places of an opening, asked of a group by an alliance, or offered by it."""

    group: Identifier
    alliance: Identifier
    opening: Identifier
    places: int


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a group could do for those who asked it: how many places, and its own plan for them.

    Allies are told `offers` alone. `plan` answers `problem`, and names people.
    """

    offers: tuple[Ask, ...]
    problem: Problem
    plan: Plan


def asks(
    problem: Problem, plan: Plan, without: Collection[tuple[str, str]] = (), *, at_once: int = 1
) -> tuple[Ask, ...]:
    """Say whom to ask for the places that a plan leaves open, in the order to ask.

    The opening that allies could fill least often comes first. Of allies who may have somebody, the
    one that owes us most minutes comes first, what it is asked for here taken off; then the lot.
    `without` are pairs of alliance and opening that were tried already. Each place is asked of
    `at_once` allies. No alliance is asked for more minutes than it has left, nor for more people of
    a skill in any half-day than it said to have at least.
    """
    openings = {one.id: one for one in problem.openings}
    wanted = [(openings[one.opening], one.places) for one in plan.unfilled]
    asking = _Asking(problem, without)
    found: Counter[tuple[str, str, str]] = Counter()
    for opening, places in sorted(wanted, key=lambda one: asking.scarcity(*one)):
        for ally in asking.turns(opening, places * at_once, most=places):
            found[ally.group, ally.alliance, opening.id] += 1
    return tuple(
        Ask(group=group, alliance=alliance, opening=opening, places=places)
        for (group, alliance, opening), places in found.items()
    )


def beside(problem: Problem, plan: Plan) -> Problem:
    """Let a plan stand in its problem, so that what is planned next is planned beside it."""
    pinned = {(one.worker, one.opening): one for one in problem.standing if one.kind == "pinned"}
    stands = {
        (one.worker, one.opening): Standing(worker=one.worker, opening=one.opening, kind="planned")
        for one in plan.assignments
    }
    return replace(problem, standing=tuple((stands | pinned).values()))


def answer(problem: Problem, asked: Iterable[tuple[Alliance, Opening]]) -> Answer:
    """Plan what allies ask for beside what stands in a group's own problem (see `beside`).

    Each opening has the places that are asked for. Own openings keep as many people as they have;
    somebody may be moved among them where that fills one place more. Raises ValueError for an
    alliance by which another group lends.
    """
    pairs = list(asked)
    whole = _together(problem, pairs)
    made = planned(whole)
    lending = {alliance.id for alliance, _ in pairs}
    given = Counter((one.via, one.opening) for one in made.assignments)
    offers = (
        Ask(group=problem.group, alliance=via, opening=opening, places=places)
        for (via, opening), places in given.items()
        if via in lending
    )
    return Answer(offers=tuple(sorted(offers)), problem=whole, plan=made)


def _together(problem: Problem, asked: list[tuple[Alliance, Opening]]) -> Problem:
    """Put what is asked beside a group's own problem: all of its people may be lent."""
    alliances = {alliance.id: alliance for alliance, _ in asked}
    for alliance in alliances.values():
        if alliance.lender != problem.group:
            raise ValueError(f"by alliance {alliance.id} another group lends")
    # Who belongs to the borrower as well comes by the alliance here, or its hours would not count.
    here = {problem.group, *(one.lender for one in problem.alliances)}
    here.update(other for group in problem.groups for other in group.others)
    there = {alliance.borrower for alliance in alliances.values()} - here
    return replace(
        problem,
        allies=(),
        alliances=(*problem.alliances, *alliances.values()),
        openings=(
            *problem.openings,
            *(replace(opening, group=alliance.borrower) for alliance, opening in asked),
        ),
        workers=tuple(_without(worker, there) for worker in problem.workers),
    )


def _without(worker: Worker, groups: set[str]) -> Worker:
    if groups.isdisjoint(worker.groups):
        return worker
    return replace(worker, groups=tuple(one for one in worker.groups if one not in groups))


class _Asking:
    """What is left of each ally's minutes and people while asks are made."""

    def __init__(self, problem: Problem, without: Collection[tuple[str, str]]) -> None:
        self._seed = problem.seed
        self._without = without
        self._allies = problem.allies
        self._minutes = {ally.alliance: ally.minutes_left for ally in problem.allies}
        self._owed = {ally.alliance: ally.owed_minutes for ally in problem.allies}
        self._people = {
            (ally.alliance, count.skill, count.window): count.at_least
            for ally in problem.allies
            for count in ally.counts
        }

    def scarcity(self, opening: Opening, places: int) -> tuple[float, int, str]:
        """Order openings: fewest people of allies for each place first, then the earliest."""
        people = sum(self._left(ally, opening) for ally in self._allies)
        return people / places, opening.interval.start, opening.id

    def turns(self, opening: Opening, times: int, most: int) -> Iterator[AllyCapacity]:
        """Take places of allies in turn, and of none more than `most`."""
        asked: Counter[str] = Counter()
        for _ in range(times):
            able = [
                ally
                for ally in self._allies
                if asked[ally.alliance] < most and self._left(ally, opening)
            ]
            if not able:
                return
            chosen = min(able, key=lambda ally: self._turn(ally, opening))
            self._take(chosen, opening)
            asked[chosen.alliance] += 1
            yield chosen

    def _turn(self, ally: AllyCapacity, opening: Opening) -> tuple[int, bytes]:
        return -self._owed[ally.alliance], lot(self._seed, ally.alliance, opening.id)

    def _left(self, ally: AllyCapacity, opening: Opening) -> int:
        """Tell how many places of an opening an ally could still be asked for."""
        if (ally.alliance, opening.id) in self._without:
            return 0
        people = min((self._people[key] for key in _keys(ally, opening)), default=0)
        return min(people, self._minutes[ally.alliance] // opening.interval.minutes)

    def _take(self, ally: AllyCapacity, opening: Opening) -> None:
        self._minutes[ally.alliance] -= opening.interval.minutes
        self._owed[ally.alliance] -= opening.interval.minutes
        for key in _keys(ally, opening):
            self._people[key] -= 1


def _keys(ally: AllyCapacity, opening: Opening) -> list[tuple[str, str, Interval]]:
    counts = counts_touched(ally, opening)
    return [(ally.alliance, one.skill, one.window) for one in counts]
