"""Who could do this: one small function per hard rule, each with its reason.

A rule looks at one worker and one opening, and answers None, or the Reason that excludes her. What
a plan itself gives her is no rule of eligibility: see `draft.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

import msgspec

from matching.intervals import Interval, covered, minutes_within, too_close
from matching.model import Opening, Problem, Reason, Rules, Worker


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules look at besides the two: the policy, and the state of whoever was asked."""

    rules: Rules
    asked: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, problem: Problem) -> "Circumstances":
        """Gather them from a problem."""
        asked = {(one.worker, one.opening): str(one.state) for one in problem.asked}
        return cls(rules=problem.rules, asked=asked)


Rule = Callable[[Worker, Opening, Circumstances], Reason | None]


def missing_skill(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """She must have the skill."""
    skill = opening.requirement.skill
    if any(held.key == skill for held in worker.skills):
        return None
    return Reason.of("missing_skill", skill=skill)


def skill_level(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """She must have the skill at the level asked for, when one is asked for."""
    need = opening.requirement
    if need.level is None:
        return None
    level = max((held.level for held in worker.skills if held.key == need.skill), default=0)
    if level >= need.level:
        return None
    return Reason.of("skill_level", skill=need.skill, level=level, needed=need.level)


def missing_certificate(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """She must hold each certificate; whether it lasts is the next rule's question."""
    for key in opening.requirement.certificates:
        if not any(held.key == key for held in worker.certificates):
            return Reason.of("missing_certificate", certificate=key)
    return None


def certificate_expires(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """Each certificate must stay valid until the shift ends."""
    for key in opening.requirement.certificates:
        dates = [held.valid_until for held in worker.certificates if held.key == key]
        ends = [date for date in dates if date is not None]
        if len(ends) == len(dates) and max(ends, default=0) < opening.interval.end:
            return Reason.of("certificate_expires", certificate=key, valid_until=max(ends))
    return None


def missing_language(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """She must speak each language asked for."""
    for language in opening.requirement.languages:
        if language not in worker.languages:
            return Reason.of("missing_language", language=language)
    return None


def too_young(worker: Worker, _opening: Opening, _: Circumstances) -> Reason | None:
    """She must have reached the legal minimum age, which is all that is known of her age."""
    return None if worker.age_ok else Reason("too_young")


def already_asked(worker: Worker, opening: Opening, now: Circumstances) -> Reason | None:
    """Nobody is asked twice for one opening."""
    invited = now.asked.get((worker.id, opening.id)) == "invited"
    return Reason("already_asked") if invited else None


def said_no(worker: Worker, opening: Opening, now: Circumstances) -> Reason | None:
    """Her no to this opening stands, and counts for nothing else."""
    declined = now.asked.get((worker.id, opening.id)) == "declined"
    return Reason("said_no") if declined else None


def no_availability(worker: Worker, _opening: Opening, _: Circumstances) -> Reason | None:
    """Unknown hours are not free hours."""
    return None if worker.free else Reason("no_availability")


def not_free(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """The whole shift must lie within the hours she painted."""
    return None if covered(worker.free, opening.interval) else Reason("not_free")


def already_promised(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """Nobody is in two places at once."""
    for promise in worker.promised:
        if too_close(promise, opening.interval, 0):
            return Reason("already_promised")
    return None


def rest_too_short(worker: Worker, opening: Opening, now: Circumstances) -> Reason | None:
    """Between two promises lies the rest that the policy asks for."""
    for promise in worker.promised:
        if too_close(promise, opening.interval, now.rules.rest_minutes):
            return Reason.of("rest_too_short", needed=now.rules.rest_minutes)
    return None


def weekly_cap(worker: Worker, opening: Opening, now: Circumstances) -> Reason | None:
    """No week holds more than the policy allows; how much hers holds stays her own affair."""
    week = overfull_week(worker, opening.interval, (), now.rules)
    if week is None:
        return None
    return Reason.of("weekly_cap", week=week.start, cap=now.rules.weekly_cap_minutes or 0)


# In the order that a person should hear of them: what she can do, then whether she was asked, then
# her time. Being asked stands before time, because a held promise takes her free hours away and
# "not free" would hide that it is this very opening she was asked for.
RULES: tuple[Rule, ...] = (
    missing_skill,
    skill_level,
    missing_certificate,
    certificate_expires,
    missing_language,
    too_young,
    already_asked,
    said_no,
    no_availability,
    not_free,
    already_promised,
    rest_too_short,
    weekly_cap,
)


def first_failing(worker: Worker, opening: Opening, now: Circumstances) -> Reason | None:
    """Give the reason of the first rule that excludes her, or None when she could do it."""
    for rule in RULES:
        reason = rule(worker, opening, now)
        if reason is not None:
            return reason
    return None


def minutes_counted(worker: Worker, week: Interval) -> int:
    """Count what a week already holds: the told figure or the known promises, whichever is more."""
    promised = sum(minutes_within(promise, week) for promise in worker.promised)
    told = next((one.minutes for one in worker.weeks if one.start == week.start), 0)
    return max(promised, told)


def overfull_week(
    worker: Worker, interval: Interval, given: Sequence[Interval], rules: Rules
) -> Interval | None:
    """Find the first week that `interval`, beside what a plan gives her, takes past the cap."""
    if rules.weekly_cap_minutes is None:
        return None
    for week in rules.weeks:
        adds = minutes_within(interval, week)
        planned = sum(minutes_within(other, week) for other in given)
        if adds and minutes_counted(worker, week) + planned + adds > rules.weekly_cap_minutes:
            return week
    return None


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """An opening with everybody whom no rule excludes, by id, and how many each rule excludes."""

    opening: Opening
    eligible: tuple[Worker, ...]
    ruled_out: tuple[tuple[str, int], ...]


def pools(problem: Problem) -> tuple[Pool, ...]:
    """Find who could do what, opening by opening, looking only at people who have the skill.

    For w workers and o openings it takes w + (people with the opening's skill) x o steps.
    """
    skilled: defaultdict[str, list[Worker]] = defaultdict(list)
    for worker in problem.workers:
        for key in sorted({held.key for held in worker.skills}):
            skilled[key].append(worker)
    now = Circumstances.of(problem)
    return tuple(
        _pool(problem, one, skilled[one.requirement.skill], now) for one in problem.openings
    )


def _pool(problem: Problem, opening: Opening, skilled: list[Worker], now: Circumstances) -> Pool:
    eligible: list[Worker] = []
    unskilled = len(problem.workers) - len(skilled)
    excluded: Counter[str] = Counter({"missing_skill": unskilled} if unskilled else {})
    for worker in skilled:
        reason = first_failing(worker, opening, now)
        if reason is None:
            eligible.append(worker)
        else:
            excluded[reason.code] += 1
    return Pool(
        opening=opening, eligible=tuple(eligible), ruled_out=tuple(sorted(excluded.items()))
    )
