"""The hours that two groups lend each other: what is owed, promised and left, each way."""

from collections import defaultdict

import msgspec

from matching.answers import Plan
from matching.model import Identifier, Minutes
from matching.problem import Problem


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One direction of an alliance, in minutes.

    `owed` were worked and not made up for, `promised` are agreed and not worked yet; so many as are
    `left` may still be lent.
    """

    owed: Minutes = 0
    promised: Minutes = 0
    left: Minutes = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.owed + self.promised + self.left


class Exchange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes between a group `here` and an ally `there`; None for a way that nothing goes."""

    here: Identifier
    there: Identifier
    lends: Hours | None = None
    borrows: Hours | None = None


def exchanges_of(problem: Problem, plan: Plan | None = None) -> tuple[Exchange, ...]:
    """Tell what a problem's alliances allow, and what a plan would use of it as promised.

    Each pair once, in the order of their ids, as the asking group sees it; of two others as the
    borrower does.
    """
    length = {one.id: one.interval.minutes for one in problem.openings}
    used: defaultdict[str, int] = defaultdict(int)
    for one in plan.assignments if plan else ():
        used[one.via or ""] += length[one.opening]
    ways = [
        (one.lender, one.borrower, one.id, one.minutes_left, one.owed_minutes)
        for one in problem.alliances
    ]
    ways += [
        (one.group, problem.group, one.alliance, one.minutes_left, one.owed_minutes)
        for one in problem.allies
    ]
    found: dict[tuple[str, str], dict[str, Hours]] = defaultdict(dict)
    for lender, borrower, alliance, left, owed in sorted(ways):
        lends = lender == problem.group
        pair = (lender, borrower) if lends else (borrower, lender)
        way = "lends" if lends else "borrows"
        before = found[pair].get(way, Hours())
        # two alliances of one pair have one balance, and hours of their own
        found[pair][way] = Hours(
            owed=max(before.owed, -owed),
            promised=before.promised + used[alliance],
            left=before.left + max(0, left - used[alliance]),
        )
    return tuple(
        Exchange(here=here, there=there, **both) for (here, there), both in sorted(found.items())
    )
