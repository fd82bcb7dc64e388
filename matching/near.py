"""What somebody nearly could do: openings of which she meets all requirements but one."""

import msgspec

from matching.attributes import Attribute, asked_for, lacking
from matching.distance import metres_between
from matching.eligibility import (
    RULES,
    Circumstances,
    certificate_expires,
    missing_certificate,
    missing_language,
    missing_skill,
    skill_level,
)
from matching.model import Identifier, Opening, Worker
from matching.problem import Problem

_ABOUT_ATTRIBUTES = {
    missing_skill,
    skill_level,
    missing_certificate,
    certificate_expires,
    missing_language,
}


class NearMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opening of which a worker meets all requirements but one: `met` of `asked`."""

    opening: Identifier
    met: int
    asked: int
    missing: Attribute
    metres: int | None


def near_matches(problem: Problem, worker: str) -> tuple[NearMatch, ...]:
    """List the openings of which a worker meets all requirements but one, the nearest first.

    Requirements are the skill, its level, each certificate and each language; who has not the skill
    has not the level either, if one is asked for. Only openings with places, which she could come
    to and is free for. Raises KeyError for a worker who is not in the problem.
    """
    who = {one.id: one for one in problem.workers}[worker]
    now = Circumstances.of(problem)
    districts = now.districts
    found = []
    for one in problem.openings:
        lacks, asked = lacking(who, one), requirements(one)
        met = asked - sum(_requirements_in(lack) for lack in lacks)
        if one.places and len(lacks) == 1 and met == asked - 1 and could_come(who, one, now):
            metres = metres_between(who.district, one.district, districts)
            near = NearMatch(opening=one.id, met=met, asked=asked, missing=lacks[0], metres=metres)
            found.append((metres is None, metres or 0, one.interval, one.id, near))
    return tuple(near for *_, near in sorted(found, key=lambda one: one[:4]))


def could_come(worker: Worker, opening: Opening, now: Circumstances) -> bool:
    """Tell whether no rule keeps a worker from an opening but those about what she can do."""
    rules = (rule for rule in RULES if rule not in _ABOUT_ATTRIBUTES)
    return all(rule(worker, opening, now) is None for rule in rules)


def requirements(opening: Opening) -> int:
    """Count what an opening asks for: the skill, its level, each certificate, each language."""
    return sum(map(_requirements_in, asked_for(opening)))


def _requirements_in(attribute: Attribute) -> int:
    return 2 if attribute.kind == "skill" and attribute.level else 1
