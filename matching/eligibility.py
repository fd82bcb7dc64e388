"""Who could do this: one small function per hard rule, each with its reason.

A rule looks at one worker and one opening, and answers None, or the Reason that excludes her. What
a plan itself gives her is no rule of eligibility: see `draft.py`.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from matching.answers import Reason
from matching.distance import metres_between
from matching.intervals import Interval, Minute, covered, minutes_within, too_close
from matching.model import District, Opening, Requirement, Rules, Worker
from matching.problem import Problem
from matching.ways import Ways


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules look at besides the two: the policy, the ways, and who was asked already."""

    rules: Rules
    ways: Ways
    districts: Mapping[str, District]
    asked: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, problem: Problem) -> "Circumstances":
        """Gather them from a problem."""
        return cls(
            rules=problem.rules,
            ways=Ways.of(problem),
            districts={one.id: one for one in problem.districts},
            asked={(one.worker, one.opening): str(one.state) for one in problem.asked},
        )


Rule = Callable[[Worker, Opening, Circumstances], Reason | None]


def out_of_reach(worker: Worker, opening: Opening, now: Circumstances) -> Reason | None:
    """She must belong to the group, to its leader's others, or to one that lends for this."""
    return now.ways.closed_to(worker, opening)


def missing_skill(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """She must have the skill, when one is asked for."""
    skill = opening.requirement.skill
    if skill is None or any(held.key == skill for held in worker.skills):
        return None
    return Reason.of("missing_skill", skill=skill)


def skill_level(worker: Worker, opening: Opening, _: Circumstances) -> Reason | None:
    """She must have the skill at the level asked for, when one is asked for."""
    need = opening.requirement
    if need.skill is None or need.level is None:
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


def too_far(worker: Worker, opening: Opening, now: Circumstances) -> Reason | None:
    """It must be no further than she goes; a distance that nobody knows excludes nobody."""
    far = metres_between(worker.district, opening.district, now.districts)
    if far is None or worker.farthest_metres is None or far <= worker.farthest_metres:
        return None
    return Reason.of("too_far", metres=far, farthest=worker.farthest_metres)


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


# In the order that a person should hear of them: whether it is any business of hers, what she can
# do, how far she goes, then whether she was asked, then
# her time. Being asked stands before time, because a held promise takes her free hours away and
# "not free" would hide that it is this very opening she was asked for.
RULES: tuple[Rule, ...] = (
    out_of_reach,
    missing_skill,
    skill_level,
    missing_certificate,
    certificate_expires,
    missing_language,
    too_young,
    too_far,
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


def meets(worker: Worker, requirement: Requirement, until: Minute) -> bool:
    """Tell whether a worker brings all of a requirement, for work that ends at a minute."""
    need = requirement
    levels = [held.level for held in worker.skills if held.key == need.skill]
    lasting = {
        held.key
        for held in worker.certificates
        if held.valid_until is None or held.valid_until >= until
    }
    return (
        (need.skill is None or max(levels, default=-1) >= (need.level or 0))
        and lasting.issuperset(need.certificates)
        and set(worker.languages).issuperset(need.languages)
    )
