"""Whom to look at for an opening: people laid out by group, by skill and by day."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from matching.arrays import UNKNOWN, Flags, Ints, Stretches, flat, numbered, spread
from matching.model import Worker

SmallInts = npt.NDArray[np.uint32]

DAY = 24 * 60


class Buckets(msgspec.Struct, frozen=True):
    """The members of each group that have each skill: workers in order, with their levels."""

    first: Ints
    workers: Ints
    levels: Ints
    skills: int

    @classmethod
    def of(
        cls, workers: Sequence[Worker], groups: dict[str, int], skills: dict[str, int]
    ) -> "Buckets":
        """Sort people by group and skill, each at the best of her levels."""
        member, names = flat([one.groups for one in workers])
        group = numbered(names, groups)
        member, group = member[group != UNKNOWN], group[group != UNKNOWN]
        whose, what, level = _held(workers, skills)
        count = np.bincount(whose, minlength=len(workers))
        begin, each = (np.cumsum(count) - count)[member], count[member]
        at = spread(begin, each)
        everybody = group * (len(skills) + 1)
        bucket = np.concatenate([everybody, np.repeat(everybody, each) + what[at]])
        who = np.concatenate([member, whose[at]])
        levels = np.concatenate([np.zeros(len(member), np.int64), level[at]])
        key = bucket * len(workers) + who
        order = np.argsort(key, kind="stable")  # her skills are in order: the best comes last
        best = order[np.diff(key[order], append=UNKNOWN) != 0]
        first = np.searchsorted(bucket[best], np.arange(len(groups) * (len(skills) + 1) + 1))
        return cls(first, who[best], levels[best], len(skills) + 1)

    def each(self, bucket: Ints) -> Iterator[slice]:
        """Say where the rows of each of these buckets stand."""
        return map(slice, self.first[bucket].tolist(), self.first[bucket + 1].tolist())

    def of_each(self) -> Ints:
        """Tell of each row which bucket it is in."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


def _held(workers: Sequence[Worker], skills: dict[str, int]) -> tuple[Ints, Ints, Ints]:
    whose, held = flat([one.skills for one in workers])
    what = numbered([one.key for one in held], skills)
    level = np.array([one.level for one in held], np.int64)
    known = what != UNKNOWN
    return whose[known], what[known], level[known]


class Hours(msgspec.Struct, frozen=True):
    """Who in each bucket has time on each day, for those buckets and days that openings ask for.

    A row is one stretch of time in which a worker could be given something. It stands under every
    day on which an opening begins that could lie in it. `number` has the place in `first` of each
    bucket and day. Minutes are counted from `since`, which keeps them small.
    """

    since: int
    days: Ints
    number: Ints
    first: Ints
    workers: SmallInts
    levels: SmallInts
    begins: SmallInts
    ends: SmallInts

    @classmethod
    def of(cls, buckets: Buckets, times: Stretches, bucket: Ints, start: Ints) -> "Hours":
        """Lay out what is asked for: whom each of these buckets holds for work that starts then."""
        days = np.unique(start // DAY)
        asked = np.zeros((len(buckets.first) - 1, len(days)), np.bool_)
        asked[bucket, np.searchsorted(days, start // DAY)] = True
        number = np.concatenate([[0], np.cumsum(asked)])
        row, stretch = _pairs(buckets, times, np.any(asked, axis=1))
        base = buckets.of_each()[row] * len(days)
        begin = number[base + np.searchsorted(days, times.starts // DAY)[stretch]]
        past = np.searchsorted(days, (times.ends - 1) // DAY, side="right")
        count = number[base + past[stretch]] - begin
        key = spread(begin, count)
        order = np.argsort(key, kind="stable")
        at = np.repeat(np.arange(len(row)), count)[order]
        row, stretch = row[at], stretch[at]
        since = int(days[0]) * DAY if len(days) else 0
        return cls(
            since=since,
            days=days,
            number=number,
            first=np.searchsorted(key[order], np.arange(number[-1] + 1)),
            workers=buckets.workers[row].astype(np.uint32),
            levels=buckets.levels[row].astype(np.uint32),
            begins=small(times.starts, since)[stretch],
            ends=small(times.ends, since)[stretch],
        )

    def rows(self, bucket: Ints, start: Ints) -> tuple[Ints, Ints]:
        """Say where the rows for these buckets and beginnings begin, and how many there are."""
        number = self.number[bucket * len(self.days) + np.searchsorted(self.days, start // DAY)]
        begin = self.first[number]
        return begin, self.first[number + 1] - begin


def small(minutes: Ints, since: int) -> SmallInts:
    """Count minutes from a day on; what lies before it counts as its beginning."""
    return np.maximum(minutes - since, 0).astype(np.uint32)


def _pairs(buckets: Buckets, times: Stretches, asked: Flags) -> tuple[Ints, Ints]:
    """List (row of the buckets that are asked for, stretch of time) for whoever has time."""
    row = np.flatnonzero(asked[buckets.of_each()])
    workers = buckets.workers[row]
    first = np.searchsorted(times.workers, np.arange(workers.max(initial=0) + 2))
    count = first[workers + 1] - first[workers]
    return np.repeat(row, count), spread(first[workers], count)
