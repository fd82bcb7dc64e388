"""Numbers side by side: what several modules need to look at many at once."""

from collections.abc import Sequence
from itertools import chain

import msgspec
import numpy as np
import numpy.typing as npt

from matching.intervals import Interval

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

UNKNOWN = -1


def spread(begin: Ints, count: Ints) -> Ints:
    """Write out begin, begin + 1, … for each pair of a beginning and a count, one after the other.

    >>> spread(np.array([5, 9]), np.array([2, 1])).tolist()
    [5, 6, 9]
    """
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    found: Ints = np.arange(total) + np.repeat(begin - (ends - count), count)
    return found


class Stretches(msgspec.Struct, frozen=True):
    """Everybody's intervals, worker by worker and each worker's in order.

    `keys` are (worker x span + start): one search finds the last that began by a given minute.
    """

    keys: Ints
    starts: Ints
    ends: Ints
    workers: Ints
    first: int
    span: int

    @classmethod
    def of(cls, whose: Sequence[tuple[Interval, ...]], first: int, last: int) -> "Stretches":
        """Gather those that reach into [first, last)."""
        span = last - first + 2
        counts = np.fromiter(map(len, whose), np.int64, len(whose))
        flat = list(chain.from_iterable(whose))
        starts = np.fromiter((one.start for one in flat), np.int64, len(flat))
        ends = np.fromiter((one.end for one in flat), np.int64, len(flat))
        workers = np.repeat(np.arange(len(whose)), counts)
        inside = (ends > first) & (starts < last)
        starts, ends, workers = starts[inside], ends[inside], workers[inside]
        keys = workers * span + np.maximum(starts - first, 0)
        return cls(keys, starts, ends, workers, first, span)

    def last_begun(self, workers: Ints, by: Ints) -> tuple[Ints, Flags]:
        """Find each worker's last interval that began by a minute; tell where there is one."""
        minute = np.clip(by - self.first, UNKNOWN, self.span - 1)
        at = np.searchsorted(self.keys, workers * self.span + minute, side="right") - 1
        there = (at >= 0) & (minute >= 0)
        at = np.maximum(at, 0)
        if len(self.keys):
            there &= self.workers[at] == workers
        return at, there
