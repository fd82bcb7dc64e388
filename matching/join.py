"""Who could do what, for everybody at once: the rules of `eligibility.py` over columns.

It never pairs all people with all openings: from each opening it walks the groups whose people may
come, and there only those who have the skill and some time on the day that it begins. Every way by
which somebody may come is an edge of its own. What it finds, and the first rule that excludes each
other person, is what the rules say one by one; the tests compare them.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from matching.arrays import UNKNOWN, Flags, Ints, spread
from matching.buckets import SmallInts, small
from matching.columns import Columns
from matching.eligibility import RULES

Numbers = npt.NDArray[np.int8]

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
    ways = _open_ways(columns, *columns.reach.ways(columns.openings.group))
    begin, count = columns.hours.rows(_bucket(columns, ways), columns.openings.start[ways.opening])
    found = [
        _edges_among(columns, ways.only(some), begin[some], count[some]) for some in _parts(count)
    ]
    openings, workers, far, via, metres = map(np.concatenate, zip(*found, strict=True))
    first = np.searchsorted(openings, np.arange(len(columns.openings.start) + 1))
    return Edges(first, openings, workers, far, via, metres)


def _parts(count: Ints) -> Iterator[slice]:
    """Cut ways into parts where as many pairs have come together as are looked at at once."""
    ends = np.cumsum(count)
    full = np.arange(AT_ONCE, ends[-1] if len(ends) else 0, AT_ONCE)
    for begin, end in pairwise([0, *np.searchsorted(ends, full).tolist(), len(ends)]):
        yield slice(begin, end)


class Ways(msgspec.Struct, frozen=True):
    """From which groups people may come to openings: by opening, the nearest first."""

    opening: Ints
    source: Ints
    far: Ints
    via: Ints

    def only(self, which: Flags | slice) -> "Ways":
        """Keep some of them."""
        return Ways(self.opening[which], self.source[which], self.far[which], self.via[which])


def _open_ways(columns: Columns, opening: Ints, row: Ints) -> Ways:
    """Keep, of these rows of what is in reach of these openings, every way that is open."""
    reach, asks = columns.reach, columns.openings
    ways = Ways(opening, reach.source[row], reach.far[row], reach.via[row])
    lent = np.flatnonzero(ways.via >= 0)
    which, what = ways.via[lent], ways.opening[lent]
    closed = ~columns.lends[which, asks.skill[what]]
    closed |= asks.start[what] < columns.problem.moment + columns.lent[which, 1]
    closed |= columns.lent[which, 0] < asks.end[what] - asks.start[what]
    stay = np.ones(len(row), np.bool_)
    stay[lent[closed]] = False
    return ways.only(stay)


def _bucket(columns: Columns, ways: Ways) -> Ints:
    bucket: Ints = ways.source * columns.buckets.skills + columns.openings.skill[ways.opening]
    return bucket


def _edges_among(columns: Columns, ways: Ways, begin: Ints, count: Ints) -> tuple[Ints, ...]:
    way, workers = _at_hand(columns, ways.opening, begin, count)
    for fails in _NOT_IN_HOURS:
        good = np.flatnonzero(~fails(columns, workers, ways.opening[way]))
        way, workers = way[good], workers[good]
    squares, too_far = columns.squares(workers, ways.opening[way])
    good = np.flatnonzero(~too_far)
    way, workers, squares = way[good], workers[good], squares[good]
    opening = ways.opening[way]
    metres = columns.metres(workers, opening, squares)
    return opening, workers, ways.far[way], ways.via[way], metres


def _at_hand(columns: Columns, opening: Ints, begin: Ints, count: Ints) -> tuple[Ints, Ints]:
    """List (place in these openings, worker) of those who have the level, and time for it."""
    hours, asks = columns.hours, columns.openings

    def each(facts: Ints, since: int = 0) -> SmallInts:
        return np.repeat(small(facts[opening], since), count)

    at = spread(begin, count)
    good = hours.begins[at] <= each(asks.start, hours.since)
    good &= hours.ends[at] >= each(asks.end, hours.since)
    good &= hours.levels[at] >= each(asks.level)
    kept = np.flatnonzero(good)
    place = np.repeat(np.arange(len(count)), count)
    return place[kept], hours.workers[at[kept]].astype(np.int64)


# What excludes: of pairs of workers and openings, those at which each rule fails ------------------


def _missing_certificate(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    def missing(key: Ints, some: Ints) -> Flags:
        lacks: Flags = columns.valid_until[key, workers[some]] == UNKNOWN
        return lacks

    return _any_of(openings, columns.openings.certificates, missing)


def _certificate_expires(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    def expires(key: Ints, some: Ints) -> Flags:
        until = columns.valid_until[key, workers[some]]
        over: Flags = (until != UNKNOWN) & (until < columns.openings.end[openings[some]])
        return over

    return _any_of(openings, columns.openings.certificates, expires)


def _missing_language(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    def missing(key: Ints, some: Ints) -> Flags:
        lacks: Flags = ~columns.speaks[key, workers[some]]
        return lacks

    return _any_of(openings, columns.openings.languages, missing)


def _any_of(openings: Ints, asked: Ints, fails: Callable[[Ints, Ints], Flags]) -> Flags:
    """Tell of each pair whether it fails at any of the keys that its opening asks for."""
    found = np.zeros(len(openings), np.bool_)
    for row in asked:
        keys = row[openings]
        some = (keys != UNKNOWN).nonzero()[0]
        if len(some):
            found[some] |= fails(keys[some], some)
    return found


def _too_young(columns: Columns, workers: Ints, _: Ints) -> Flags:
    return ~columns.of_age[workers]


def _too_far(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    return columns.squares(workers, openings)[1]


def _was_asked(state: str) -> Callable[[Columns, Ints, Ints], Flags]:
    def fails(columns: Columns, workers: Ints, openings: Ints) -> Flags:
        asked = columns.asked[state]
        if not len(asked):
            return np.zeros(len(workers), np.bool_)
        pairs = openings * len(columns.of_age) + workers
        found: Flags = np.append(asked, UNKNOWN)[np.searchsorted(asked, pairs)] == pairs
        return found

    return fails


def _no_availability(columns: Columns, workers: Ints, _: Ints) -> Flags:
    return ~columns.paints[workers]


def _not_free(columns: Columns, workers: Ints, openings: Ints) -> Flags:
    asks = columns.openings
    at, there = columns.free.last_begun(workers, asks.start[openings])
    if not len(columns.free.ends):
        return ~there
    return ~(there & (columns.free.ends[at] >= asks.end[openings]))


def _promised_within(columns: Columns, workers: Ints, openings: Ints, rest: int) -> Flags:
    asks = columns.openings
    if not len(columns.promised.ends):
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


_Fails = Callable[[Columns, Ints, Ints], Flags]

_NOT_IN_HOURS: tuple[_Fails, ...] = (
    _missing_certificate,
    _certificate_expires,
    _missing_language,
    _was_asked("invited"),
    _was_asked("declined"),
    _weekly_cap,
)
"""What is left to ask of those who are at hand; how far it is, is asked last."""

_FAILS: tuple[_Fails, ...] = (
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


def first_failures(columns: Columns, opening: int) -> Numbers:
    """Number, for each worker, the first of `RULES` that excludes her from an opening; -1: none."""
    failing = _without_skill(columns, opening)
    left = (failing == UNKNOWN).nonzero()[0]
    openings = np.full(len(left), opening)
    for number, fails in enumerate(_FAILS, 3):
        out = fails(columns, left, openings[: len(left)])
        if np.count_nonzero(out):
            failing[left[out]] = number
            left = left[~out]
    return failing


def _without_skill(columns: Columns, opening: int) -> Numbers:
    """Number those out of reach, and who lacks the skill or the level; -1 for all others."""
    asks, buckets = columns.openings, columns.buckets
    failing = np.zeros(len(columns.of_age), np.int8)
    begin, end = columns.reach.first[asks.group[opening] :][:2].tolist()
    rows = np.arange(begin, end)
    every = _open_ways(columns, np.full(len(rows), opening), rows).source * buckets.skills
    for members in buckets.each(every):
        failing[buckets.workers[members]] = 1
    for members in buckets.each(every + asks.skill[opening]):
        low = buckets.levels[members] < asks.level[opening]
        failing[buckets.workers[members]] = np.where(low, 2, UNKNOWN)
    return failing
