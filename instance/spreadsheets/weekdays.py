"""Days of the week, alone or several: Mon, Monday to Friday, 星期一至五, weekdays, 每日."""

from __future__ import annotations

import re
import unicodedata

from instance.spreadsheets import cells
from instance.spreadsheets.faults import Wrong, _, shown

_ENGLISH = "mon tue wed thu fri sat sun".split()
_FULL = "monday tuesday wednesday thursday friday saturday sunday".split()
_CHINESE = {one: number for number, one in enumerate("一二三四五六日")} | {"天": 6}
_SETS = {
    "weekdays": range(5),
    "平日": range(5),
    "weekend": range(5, 7),
    "weekends": range(5, 7),
    "周末": range(5, 7),
    "週末": range(5, 7),
    "daily": range(7),
    "every day": range(7),
    "everyday": range(7),
    "每日": range(7),
    "每天": range(7),
}
_PREFIX = re.compile(r"^(?:逢|每)?(?:星期|週|周|禮拜|礼拜)")
_RANGE = re.compile(r"(?P<first>[^\-\u2013~至到]+?) ?(?:-|\u2013|~|至|到| to ) ?(?P<last>.+)")


def weekdays(cell: str) -> tuple[int, ...]:
    """Return the weekdays in a cell, Monday as 0, in order; raises Wrong."""
    tidy = cells.line(unicodedata.normalize("NFKC", cell)).casefold()
    found: set[int] = set()
    for part in re.split(r"[,;、/&]| and ", tidy):
        if part.strip():
            found |= set(_part(part.strip(" .")))
    if not found:
        raise _unknown(tidy)
    return tuple(sorted(found))


def _part(part: str) -> list[int]:
    if part in _SETS:
        return list(_SETS[part])
    between = _RANGE.fullmatch(part)
    if between:
        first, last = _one(between["first"]), _one(between["last"])
        return [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    bare = _PREFIX.sub("", part)
    if len(bare) > 1 and all(one in _CHINESE for one in bare):
        return [_CHINESE[one] for one in bare]
    return [_one(part)]


def _one(word: str) -> int:
    word = word.strip(" .").removesuffix("s")
    for known in (_ENGLISH, _FULL):
        if word in known:
            return known.index(word)
    if word in {"tues", "tue", "wedne", "thur", "thu"}:
        return _ENGLISH.index(word[:3])
    bare = _PREFIX.sub("", word)
    if bare in _CHINESE:
        return _CHINESE[bare]
    raise _unknown(word)


def _unknown(word: str) -> Wrong:
    return Wrong(_("'%(word)s' is no weekday; write Mon, Monday or 星期一"), word=shown(word))
