"""The cell that says whom a shift wants: `2x home care [First aid]; 1x van driver`."""

from __future__ import annotations

import re

import msgspec

from instance.skills import service as vocabulary
from instance.spreadsheets import cells, words
from instance.spreadsheets.faults import Wrong, _

MOST_PLACES = 200
TIMES = "\u00d7"
_TIMES = f"{TIMES}✕✖xX*"
_OPENING = re.compile(
    rf"(?:(?P<count>\d{{1,4}}) ?(?:[{_TIMES}]|個|名|人)? ?)?(?P<skill>[^\[\]【】]+?)"
    r"(?: ?[\[【](?P<needs>[^\[\]【】]*)[\]】])?"
)
_IN_ROUND_BRACKETS = re.compile(r"(?P<skill>[^()]+?) ?[(](?P<needs>[^()]+)[)]")


class Wanted(msgspec.Struct, frozen=True):
    """Places of one kind, by keys of the vocabulary."""

    skill: str
    count: int
    certificates: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def openings(cell: str) -> tuple[Wanted, ...]:
    """Return what a shift wants, in the order it is written; raises Wrong."""
    found = [
        _opening(part) for part in cells.parts(_semicolons(cells.narrow(cells.text(cell))), ";\n")
    ]
    if not found:
        raise Wrong(_("nobody is wanted; write such as 2x home care [First aid]"))
    if sum(one.count for one in found) > MOST_PLACES:
        raise Wrong(_("more than %(most)s people are wanted at once"), most=MOST_PLACES)
    return tuple(found)


def _semicolons(cell: str) -> str:
    """Let commas between openings count, when each begins with its number."""
    return re.sub(rf"[,、] ?(?=\d{{1,3}} ?[{_TIMES}])(?![^\[【]*[\]】])", ";", cell)


def _opening(part: str) -> Wanted:
    found = _OPENING.fullmatch(part)
    if found is None:
        raise Wrong(_("this cannot be read; write such as 2x home care [First aid]"))
    count = int(found["count"] or 1)
    if count < 1:
        raise Wrong(_("nobody is wanted; write such as 2x home care [First aid]"))
    skill, needs = found["skill"], found["needs"] or ""
    rounded = _IN_ROUND_BRACKETS.fullmatch(skill)
    if rounded and not needs and vocabulary.vocabulary().find("skill", skill) is None:
        skill, needs = rounded["skill"], rounded["needs"]
    needed = words.needs(needs)
    return Wanted(
        skill=words.term("skill", skill),
        count=count,
        certificates=tuple(key for kind, key in needed if kind == "certificate"),
        languages=tuple(key for kind, key in needed if kind == "language"),
    )
