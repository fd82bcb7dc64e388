"""How evenly hours are shared out: the spread of what people had of the hours they asked for.

A spread is of many and names nobody.
"""

from collections.abc import Sequence

import msgspec

from matching.fairness import share_of

DIGITS = 6
"""Shares are told to so many digits after the point."""


class Spread(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares of `people`: the least, nine cuts between tenths of them, the most; and their Gini.

    `deciles` are eleven, each the share of somebody; none where there are no people. `gini` is 0
    where all have the same share, and nears 1 where one has all.
    """

    people: int
    deciles: tuple[float, ...]
    gini: float

    @property
    def median(self) -> float:
        """The share that half of the people reach; 0 where there are none."""
        return self.deciles[5] if self.deciles else 0.0


def spread_of(hours: Sequence[tuple[int, int]]) -> Spread:
    """Spread out (minutes had, minutes wanted); who asked for no hours has no share."""
    shares = sorted(share_of(had, wanted) for had, wanted in hours if wanted)
    last = len(shares) - 1
    cuts = [shares[round(last * tenth / 10)] for tenth in range(11)] if shares else []
    return Spread(
        people=len(shares),
        deciles=tuple(round(one, DIGITS) for one in cuts),
        gini=round(gini(shares), DIGITS),
    )


def gini(shares: Sequence[float]) -> float:
    """Compute the Gini coefficient of shares that are in order, the least first.

    >>> gini([0.5, 0.5]), gini([0.0, 1.0])
    (0.0, 0.5)
    """
    total, count = sum(shares), len(shares)
    if not total:
        return 0.0
    weighted = sum((2 * place - count + 1) * share for place, share in enumerate(shares))
    return weighted / (count * total)
