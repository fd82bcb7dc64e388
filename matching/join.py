"""Who could do what, for everybody at once: the rules of `eligibility.py` over columns.

It never pairs all people with all openings: from each opening it walks the groups whose people may
come, and there only those who have the skill. Every way by which somebody may come is an edge of
its own. What it finds, and the first rule that excludes each other person, is what the rules say
one by one; the tests compare them.
"""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from matching.arrays import UNKNOWN, Flags, Ints, spread
from matching.columns import Columns
from matching.eligibility import RULES

AT_ONCE = 200_000
"""So many pairs are looked at together, whatever the size of the problem: 20 MB at most."""


class Edges(msgspec.Struct, frozen=True):
    """Each way by which a worker could take a place: by opening, then way, then worker.

    `first` has where each opening's edges begin, and one number more. `via` as in `Reach`; `metres`
    is -1 where it is not known.
    """

    first: Ints
    openings: Ints
    workers: Ints
    far: Ints
    via: Ints
    metres: Ints


def edges_of(columns: Columns) -> Edges:
    """Find every edge of a problem, in steps that grow with what is found and not with pairs."""
    found = [_edges_among(columns, chunk) for chunk in _chunks(columns)]
    empty = np.zeros(0, np.int64)
    openings, workers, far, via, metres = (
        np.concatenate(parts) if parts else empty
        for parts in (zip(*found, strict=True) if found else [()] * 5)
    )
    first = np.searchsorted(openings, np.arange(len(columns.openings.start) + 1))
    return Edges(first, openings, workers, far, via, metres)


def _chunks(columns: Columns) -> Iterator[Ints]:
    """Cut the openings where as many pairs have come together as are looked at at once."""
    opening, source, _, _ = _ways(columns, np.arange(len(columns.openings.start)))
    bucket = source * columns.buckets.skills + columns.openings.skill[opening]
    pairs = np.bincount(
        opening,
        weights=columns.buckets.first[bucket + 1] - columns.buckets.first[bucket],
        minlength=len(columns.openings.start),
    )
    part = (np.cumsum(pairs) // AT_ONCE).astype(np.int64)
    every = np.arange(len(pairs))
    for number in np.unique(part):
        yield every[part == number]


def _ways(columns: Columns, openings: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """List (opening, whose people, how far, via what) for every way that is open."""
    reach, asks = columns.reach, columns.openings
    group = asks.group[openings]
    begin, count = reach.first[group], reach.first[group + 1] - reach.first[group]
    at = spread(begin, count)
    opening = np.repeat(openings, count)
    via = reach.via[at]
    lent = np.flatnonzero(via >= 0)
    if len(lent):
        which, what = via[lent], opening[lent]
        closed = ~columns.lends[which, asks.skill[what]]
        closed |= asks.start[what] < columns.problem.moment + columns.lent[which, 1]
        closed |= columns.lent[which, 0] < asks.end[what] - asks.start[what]
        stay = np.ones(len(at), np.bool_)
        stay[lent[closed]] = False
        at, opening, via = at[stay], opening[stay], via[stay]
    return opening, reach.source[at], reach.far[at], via


def _edges_among(columns: Columns, openings: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    buckets, asks = columns.buckets, columns.openings
    opening, source, far, via = _ways(columns, openings)
    bucket = source * buckets.skills + asks.skill[opening]
    begin, count = buckets.first[bucket], buckets.first[bucket + 1] - buckets.first[bucket]
    at = spread(begin, count)
    way = np.repeat(np.arange(len(opening)), count)
    good = buckets.levels[at] >= asks.level[opening[way]]
    way, workers = way[good], buckets.workers[at[good]]
    for fails in _FAILS:
        good = ~fails(columns, workers, opening[way])
        way, workers = way[good], workers[good]
    which = opening[way]
    return which, workers, far[way], via[way], columns.metres(workers, which)


# What excludes: of pairs of workers and openings, those at which each rule fails ------------------


def _missing_certificate(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    def missing(key: int, some: Ints) -> Flags:
        lacks: Flags = columns.valid_until[key, workers[some]] == UNKNOWN
        return lacks

    return _any_of(openings, columns.openings.certificates, missing)


def _certificate_expires(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    ends = columns.openings.end

    def expires(key: int, some: Ints) -> Flags:
        until = columns.valid_until[key, workers[some]]
        over: Flags = (until != UNKNOWN) & (until < ends[openings[some]])
        return over

    return _any_of(openings, columns.openings.certificates, expires)


def _missing_language(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    def missing(key: int, some: Ints) -> Flags:
        lacks: Flags = ~columns.speaks[key, workers[some]]
        return lacks

    return _any_of(openings, columns.openings.languages, missing)


def _any_of(openings: Ints, asked: Ints, fails: Callable[[int, Ints], Flags]) -> Flags:
    """Tell of each pair whether it fails at any of the keys that its opening asks for."""
    found = np.zeros(len(openings), np.bool_)
    for row in asked:
        wanted = row[openings]
        for key in np.unique(row[row != UNKNOWN]).tolist():
            some = np.flatnonzero(wanted == key)
            found[some] |= fails(key, some)
    return found


def _too_young(columns: Columns, workers: Ints, _: Ints) -> Flags:
    return ~columns.of_age[workers]


def _too_far(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    """Compare squares: a distance rounded down is past f when its square reaches (f + 1)²."""
    return columns.squares(workers, openings) >= (columns.farthest[workers] + 1) ** 2


def _was_asked(state: str) -> Callable[[Columns, Ints, Ints], Flags]:
    def fails(columns: Columns, workers: Ints, openings: Ints) -> Flags:
        asked = columns.asked[state]
        if not len(asked):
            return np.zeros(len(workers), np.bool_)
        return np.isin(openings * len(columns.of_age) + workers, asked)

    return fails


def _no_availability(columns: Columns, workers: Ints, _: Ints) -> Flags:
    return ~columns.paints[workers]


def _not_free(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    asks = columns.openings
    at, there = columns.free.last_begun(workers, asks.start[openings])
    if not len(columns.free.keys):
        return ~there
    return ~(there & (columns.free.ends[at] >= asks.end[openings]))


def _promised_within(columns: Columns, workers: Ints, openings: Ints, rest: int) -> Flags:
    asks = columns.openings
    if not len(columns.promised.keys):
        return np.zeros(len(workers), np.bool_)
    at, there = columns.promised.last_begun(workers, asks.end[openings] + rest - 1)
    return there & (columns.promised.ends[at] + rest > asks.start[openings])


def _already_promised(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    return _promised_within(columns, workers, openings, 0)


def _rest_too_short(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    return _promised_within(columns, workers, openings, columns.problem.rules.rest_minutes)


def _weekly_cap(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    found = np.zeros(len(workers), np.bool_)
    cap = columns.problem.rules.weekly_cap_minutes
    for week, adds in enumerate(columns.openings.adds):
        more = adds[openings]
        found |= (more > 0) & (columns.counted[week, workers] + more > (cap or 0))
    return found


_FAILS: tuple[Callable[[Columns, Ints, Ints], Flags], ...] = (
    _missing_certificate,
    _certificate_expires,
    _missing_language,
    _too_young,
    _too_far,
    _was_asked("invited"),
    _was_asked("declined"),
    _no_availability,
    _not_free,
    _already_promised,
    _rest_too_short,
    _weekly_cap,
)
assert len(_FAILS) + 3 == len(RULES), "reach, skill and level are what the buckets are for"


def first_failures(columns: Columns, opening: int) -> Ints:
    """Number, for each worker, the first of `RULES` that excludes her from an opening; -1: none."""
    asks, buckets = columns.openings, columns.buckets
    failing = np.zeros(len(columns.problem.workers), np.int64)
    _, source, _, _ = _ways(columns, np.array([opening]))
    for group in source.tolist():
        everybody = group * buckets.skills
        inside = buckets.workers[buckets.first[everybody] : buckets.first[everybody + 1]]
        failing[inside] = 1
    for group in source.tolist():
        bucket = group * buckets.skills + int(asks.skill[opening])
        stretch = slice(buckets.first[bucket], buckets.first[bucket + 1])
        able = buckets.workers[stretch]
        level = buckets.levels[stretch] >= asks.level[opening]
        failing[able] = np.where(level, UNKNOWN, 2)
    left = np.flatnonzero(failing == UNKNOWN)
    for number, fails in enumerate(_FAILS, 3):
        out = fails(columns, left, np.full(len(left), opening))
        failing[left[out]] = number
        left = left[~out]
    return failing
