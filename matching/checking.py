"""Is this plan legal? Asked of the rules as they are written, and of nothing that makes plans.

What plans may be quick and clever; this is slow and plain, and shares no code with it, so that a
mistake there is not repeated here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import isqrt

import msgspec

from matching.answers import RULE_VERSION, Assignment, Plan
from matching.intervals import Interval
from matching.model import Alliance, Identifier, Opening, Requirement, Team, Worker
from matching.problem import Problem
from matching.reading import problem_hash

SENTENCES = {
    "other_problem": "The plan says {field} {said}, and for this problem that is {meant}.",
    "unknown_opening": "The plan names opening {opening}, which is not in the problem.",
    "unknown_worker": "The plan gives {opening} to {worker}, who is not in the problem.",
    "twice_there": "{worker} has two places at {opening}.",
    "too_many": "{opening} has too few places, {places}, for the people given to it, {people}.",
    "unfilled_wrong": "Of {opening} places are left: {left}; the plan lists {listed}.",
    "unfilled_twice": "{opening} is listed {times} times as unfilled.",
    "unfilled_needless": "{opening} is listed as unfilled without a place.",
    "above_the_bound": "{filled} places are filled, and the plan says at most {at_most} can be.",
    "not_in_group": "{worker} is given to {opening} as one of {group}, which she is not in.",
    "unknown_way": "{worker} is given to {opening} by {way}: no group of its leaders, no alliance.",
    "wrong_lender": "{worker} is lent to {opening} by {way}, and she is not in {group}.",
    "wrong_borrower": "{worker} is lent to {opening} by {way}, which does not lend to {group}.",
    "skill_not_lent": "{worker} is lent to {opening} by {way}, which does not lend its skill.",
    "short_notice": "{worker} is lent to {opening} by {way}, which asks for longer notice.",
    "overdrawn": "{minutes} minutes are lent by {way}, which has {left} left.",
    "no_skill": "{worker} is given to {opening} without the skill {key}.",
    "low_level": "{worker} is given to {opening} with a lower level of {key} than it asks for.",
    "no_certificate": "{worker} is given to {opening} without {key} that is valid to its end.",
    "no_language": "{worker} is given to {opening} without the language {key}.",
    "too_young": "{worker} is given to {opening} under the legal minimum of age.",
    "too_far": "{worker} is given to {opening}, {metres} metres away: further than she goes.",
    "already_asked": "{worker} is given to {opening}, for which she was asked already: {state}.",
    "not_free": "{worker} is given to {opening}, and is not free for the whole of it.",
    "near_a_promise": "{worker} is given to {opening}, too close to what she promised at {start}.",
    "near_each_other": "{worker} is given to {opening} and to {other}, which are too close.",
    "over_the_cap": "{worker} has {minutes} minutes in the week of {start}, and the cap is {cap}.",
    "team_out_of_reach": "Of team {team} {least} must bring {what}, and only {reach} still could.",
    "team_in_part": "Team {team} comes whole or not at all, and has {filled} of {places} places.",
    "pin_moved": "{worker} was pinned to {opening}, may do it, and is not in the plan for it.",
}
"""What each fault says, in the language of the command line; moments are UTC minutes."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that a plan does and may not, with the opening and worker where it has them."""

    code: str
    opening: Identifier | None = None
    worker: Identifier | None = None
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, code: str, /, opening: str | None = None, worker: str | None = None, **values: object
    ) -> "Fault":
        """Make a fault from plain values, in the order of their names."""
        named = tuple((name, str(values[name])) for name in sorted(values))
        return cls(code=code, opening=opening, worker=worker, values=named)

    @property
    def sentence(self) -> str:
        """Say it in plain English."""
        named = dict(self.values)
        return SENTENCES[self.code].format(opening=self.opening, worker=self.worker, **named)


def faults_of(problem: Problem, plan: Plan) -> tuple[Fault, ...]:
    """List all that is illegal in a plan of this problem; nothing when it is legal."""
    rules = _Rulebook(problem)
    return tuple(
        fault
        for check in (_labels, _names, _places, _people, _lending, _together, _teams)
        for fault in check(rules, plan)
    )


def moved_pins(problem: Problem, plan: Plan) -> tuple[Fault, ...]:
    """List pinned suggestions that are not in a plan, though nothing forbids them by themselves.

    No illegality: two pins may contradict each other, or one a team.
    """
    rules = _Rulebook(problem)
    suggested = {(one.opening, one.worker) for one in plan.assignments}
    return tuple(
        Fault.of("pin_moved", one.opening, one.worker)
        for one in problem.standing
        if one.kind == "pinned"
        and (one.opening, one.worker) not in suggested
        and _possible_alone(rules, one.opening, one.worker)
    )


@dataclass(frozen=True)
class _Rulebook:
    """A problem, with its parts by name."""

    problem: Problem

    @cached_property
    def openings(self) -> dict[str, Opening]:
        return {one.id: one for one in self.problem.openings}

    @cached_property
    def workers(self) -> dict[str, Worker]:
        return {one.id: one for one in self.problem.workers}

    @cached_property
    def alliances(self) -> dict[str, Alliance]:
        return {one.id: one for one in self.problem.alliances}

    @cached_property
    def others(self) -> dict[str, tuple[str, ...]]:
        return {one.id: one.others for one in self.problem.groups}

    @cached_property
    def middles(self) -> dict[str, tuple[int, int]]:
        return {one.id: (one.east, one.north) for one in self.problem.districts}

    @cached_property
    def asked(self) -> dict[tuple[str, str], str]:
        return {(one.worker, one.opening): one.state for one in self.problem.asked}

    def group_of(self, opening: Opening) -> str:
        return self.problem.group if opening.group is None else opening.group

    def known(self, plan: Plan) -> Iterator[tuple[Opening, Worker, str | None]]:
        """Give each suggestion once whose opening and worker exist."""
        seen = set()
        for one in plan.assignments:
            known = one.opening in self.openings and one.worker in self.workers
            if known and (one.opening, one.worker) not in seen:
                seen.add((one.opening, one.worker))
                yield self.openings[one.opening], self.workers[one.worker], one.via


def _labels(rules: _Rulebook, plan: Plan) -> Iterator[Fault]:
    meant = {
        "problem": rules.problem.id,
        "problem_hash": problem_hash(rules.problem),
        "rule_version": RULE_VERSION,
        "seed": rules.problem.seed,
    }
    for field, value in meant.items():
        said = getattr(plan, field)
        if said != value:
            yield Fault.of("other_problem", field=field, said=said, meant=value)


def _names(rules: _Rulebook, plan: Plan) -> Iterator[Fault]:
    named = {one.opening for one in plan.assignments} | {one.opening for one in plan.unfilled}
    for opening in sorted(named - set(rules.openings)):
        yield Fault.of("unknown_opening", opening)
    pairs = Counter((one.opening, one.worker) for one in plan.assignments)
    for (opening, worker), times in sorted(pairs.items()):
        if worker not in rules.workers:
            yield Fault.of("unknown_worker", opening, worker)
        if times > 1:
            yield Fault.of("twice_there", opening, worker)


def _places(rules: _Rulebook, plan: Plan) -> Iterator[Fault]:
    given = Counter(opening.id for opening, _, _ in rules.known(plan))
    listed: defaultdict[str, list[int]] = defaultdict(list)
    for one in plan.unfilled:
        listed[one.opening].append(one.places)
    for opening in rules.problem.openings:
        people, told = given[opening.id], listed[opening.id]
        left = max(0, opening.places - people)
        if people > opening.places:
            yield Fault.of("too_many", opening.id, places=opening.places, people=people)
        if len(told) > 1:
            yield Fault.of("unfilled_twice", opening.id, times=len(told))
        elif sum(told) != left:
            yield Fault.of("unfilled_wrong", opening.id, left=left, listed=sum(told))
        elif told == [0]:
            yield Fault.of("unfilled_needless", opening.id)
    filled = given.total()
    if plan.at_most is not None and plan.at_most < filled:
        yield Fault.of("above_the_bound", filled=filled, at_most=plan.at_most)


def _people(rules: _Rulebook, plan: Plan) -> Iterator[Fault]:
    for opening, worker, via in rules.known(plan):
        yield from _way(rules, opening, worker, via)
        yield from _person(rules, opening, worker)


def _way(rules: _Rulebook, opening: Opening, worker: Worker, via: str | None) -> Iterator[Fault]:
    group = rules.group_of(opening)
    if via is None or via in rules.others.get(group, ()):
        needed = group if via is None else via
        if needed not in worker.groups:
            yield Fault.of("not_in_group", opening.id, worker.id, group=needed)
    elif via in rules.alliances:
        yield from _loan(rules, opening, worker, rules.alliances[via])
    else:
        yield Fault.of("unknown_way", opening.id, worker.id, way=via)


def _loan(
    rules: _Rulebook, opening: Opening, worker: Worker, alliance: Alliance
) -> Iterator[Fault]:
    group = rules.group_of(opening)
    pair = (opening.id, worker.id)
    if alliance.lender not in worker.groups:
        yield Fault.of("wrong_lender", *pair, way=alliance.id, group=alliance.lender)
    if alliance.borrower != group:
        yield Fault.of("wrong_borrower", *pair, way=alliance.id, group=group)
    if alliance.skills and opening.requirement.skill not in alliance.skills:
        yield Fault.of("skill_not_lent", *pair, way=alliance.id)
    if rules.problem.moment + alliance.notice_minutes > opening.interval.start:
        yield Fault.of("short_notice", *pair, way=alliance.id)


def _person(rules: _Rulebook, opening: Opening, worker: Worker) -> Iterator[Fault]:
    pair = (opening.id, worker.id)
    for code, key in _lacking(worker, opening.requirement, opening.interval):
        yield Fault.of(code, *pair, key=key)
    if not worker.age_ok:
        yield Fault.of("too_young", *pair)
    metres = _metres(rules, opening, worker)
    if worker.farthest_metres is not None and metres > worker.farthest_metres:
        yield Fault.of("too_far", *pair, metres=metres)
    if (worker.id, opening.id) in rules.asked:
        yield Fault.of("already_asked", *pair, state=rules.asked[worker.id, opening.id])
    if not _free(worker, opening.interval):
        yield Fault.of("not_free", *pair)
    for promise in worker.promised:
        if not _apart(promise, opening.interval, rules.problem.rules.rest_minutes):
            yield Fault.of("near_a_promise", *pair, start=promise.start)


def _lacking(
    worker: Worker, requirement: Requirement, interval: Interval
) -> Iterator[tuple[str, str]]:
    if requirement.skill is not None:
        levels = [held.level for held in worker.skills if held.key == requirement.skill]
        if not levels:
            yield "no_skill", requirement.skill
        elif requirement.level is not None and max(levels) < requirement.level:
            yield "low_level", requirement.skill
    for key in requirement.certificates:
        until = [held.valid_until for held in worker.certificates if held.key == key]
        if all(last is not None and last < interval.end for last in until):
            yield "no_certificate", key
    for key in requirement.languages:
        if key not in worker.languages:
            yield "no_language", key


def _metres(rules: _Rulebook, opening: Opening, worker: Worker) -> int:
    """Give the distance, and 0 where it is not known, since that excludes nobody."""
    here = rules.middles.get(opening.district or "")
    home = rules.middles.get(worker.district or "")
    if here is None or home is None:
        return 0
    return isqrt((here[0] - home[0]) ** 2 + (here[1] - home[1]) ** 2)


def _free(worker: Worker, interval: Interval) -> bool:
    reached = interval.start
    for window in sorted(worker.free):
        if window.start <= reached:
            reached = max(reached, window.end)
    return reached >= interval.end


def _apart(one: Interval, other: Interval, rest: int) -> bool:
    first, second = sorted((one, other))
    return first.end + rest <= second.start


def _lending(rules: _Rulebook, plan: Plan) -> Iterator[Fault]:
    lent: Counter[str] = Counter()
    for opening, _, via in rules.known(plan):
        if via in rules.alliances and via not in rules.others.get(rules.group_of(opening), ()):
            lent[via] += opening.interval.end - opening.interval.start
    for alliance in rules.problem.alliances:
        minutes, left = lent[alliance.id], alliance.minutes_left
        if minutes > left:
            yield Fault.of("overdrawn", way=alliance.id, minutes=minutes, left=left)


def _together(rules: _Rulebook, plan: Plan) -> Iterator[Fault]:
    """Look at all that the plan gives to one person."""
    given: defaultdict[str, list[Opening]] = defaultdict(list)
    for opening, worker, _ in rules.known(plan):
        given[worker.id].append(opening)
    for name, openings in sorted(given.items()):
        ordered = sorted(openings, key=lambda opening: opening.id)
        for one, other in combinations(ordered, 2):
            if not _apart(one.interval, other.interval, rules.problem.rules.rest_minutes):
                yield Fault.of("near_each_other", one.id, name, other=other.id)
        yield from _weeks(rules, rules.workers[name], ordered)


def _weeks(rules: _Rulebook, worker: Worker, openings: list[Opening]) -> Iterator[Fault]:
    cap = rules.problem.rules.weekly_cap_minutes
    for week in rules.problem.rules.weeks if cap is not None else ():
        planned = sum(_shared(opening.interval, week) for opening in openings)
        promised = sum(_shared(promise, week) for promise in worker.promised)
        told = sum(one.minutes for one in worker.weeks if one.start == week.start)
        minutes = max(told, promised) + planned
        if planned and cap is not None and minutes > cap:
            yield Fault.of(
                "over_the_cap", worker=worker.id, start=week.start, minutes=minutes, cap=cap
            )


def _shared(one: Interval, other: Interval) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _teams(rules: _Rulebook, plan: Plan) -> Iterator[Fault]:
    given: defaultdict[str, list[Worker]] = defaultdict(list)
    for opening, worker, _ in rules.known(plan):
        given[opening.id].append(worker)
    for team in rules.problem.teams:
        members = [(rules.openings[one], worker) for one in team.openings for worker in given[one]]
        places = sum(rules.openings[one].places for one in team.openings)
        if team.whole and len(members) not in {0, places}:
            yield Fault.of("team_in_part", team=team.id, filled=len(members), places=places)
        yield from _team_rules(team, members, places)


def _team_rules(team: Team, members: list[tuple[Opening, Worker]], places: int) -> Iterator[Fault]:
    for rule in team.rules:
        lacking = sum(
            any(_lacking(worker, rule.requirement, opening.interval)) for opening, worker in members
        )
        if lacking > max(0, places - max(0, rule.least - rule.met)):
            asked = rule.requirement
            what = [asked.skill or "", *asked.certificates, *asked.languages]
            yield Fault.of(
                "team_out_of_reach",
                team=team.id,
                least=rule.least,
                reach=rule.met + places - lacking,
                what=", ".join(filter(None, what)) or "nothing",
            )


def _possible_alone(rules: _Rulebook, opening: str, worker: str) -> bool:
    work, group = rules.openings[opening], rules.group_of(rules.openings[opening])
    ways = (None, *rules.others.get(group, ()), *rules.alliances)
    return work.places > 0 and any(_alone(rules, opening, worker, via) for via in ways)


def _alone(rules: _Rulebook, opening: str, worker: str, via: str | None) -> bool:
    problem = rules.problem
    only = Plan(
        problem=problem.id,
        problem_hash="",
        rule_version=RULE_VERSION,
        seed=problem.seed,
        tier="fair",
        assignments=(Assignment(opening=opening, worker=worker, via=via),),
        unfilled=(),
    )
    return not any(
        fault for check in (_people, _lending, _together) for fault in check(rules, only)
    )
