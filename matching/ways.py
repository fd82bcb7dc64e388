"""By what way somebody may come to an opening: her own group, her leader's other one, an alliance.

What is borrowed is not lent on, so a way is one step at most.
"""

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from matching.answers import Reason
from matching.model import Alliance, Identifier, Opening, Worker
from matching.problem import Problem

OWN, OTHER, ALLY = 0, 1, 2
"""How far a way leads, the nearest first."""

_STEPS = ("not_a_member", "skill_not_lent", "alliance_notice", "alliance_used_up")
"""Why a way is closed, the nearest to being open last."""


class Way(msgspec.Struct, frozen=True, order=True):
    """How somebody comes to an opening: `via` names the alliance or the other group."""

    far: int
    via: Identifier | None = None


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """The ways of a problem: which groups' people, by which alliances, may come to a group."""

    asking: Identifier
    moment: int
    others: Mapping[str, tuple[str, ...]]
    lent_to: Mapping[str, tuple[Alliance, ...]]

    @classmethod
    def of(cls, problem: Problem) -> "Ways":
        """Gather them from a problem."""
        lent: defaultdict[str, list[Alliance]] = defaultdict(list)
        for one in problem.alliances:
            lent[one.borrower].append(one)
        return cls(
            asking=problem.group,
            moment=problem.moment,
            others={one.id: one.others for one in problem.groups},
            lent_to={group: tuple(found) for group, found in lent.items()},
        )

    def group_of(self, opening: Opening) -> str:
        """Return the group that has an opening."""
        return opening.group or self.asking

    def open_to(self, worker: Worker, opening: Opening) -> tuple[Way, ...]:
        """List every way by which a worker may come to an opening, the nearest first."""
        group = self.group_of(opening)
        found = [Way(OWN)] if group in worker.groups else []
        found += [Way(OTHER, one) for one in self.others.get(group, ()) if one in worker.groups]
        found += [
            Way(ALLY, one.id)
            for one in self.lent_to.get(group, ())
            if one.lender in worker.groups and self._closed(one, opening) is None
        ]
        return tuple(found)

    def closed_to(self, worker: Worker, opening: Opening) -> Reason | None:
        """Say why no way is open to a worker, by the one that is nearest to it; None if one is."""
        if self.open_to(worker, opening):
            return None
        lent = self.lent_to.get(self.group_of(opening), ())
        closed = [self._closed(one, opening) for one in lent if one.lender in worker.groups]
        reasons = [reason for reason in closed if reason is not None]
        return max(reasons, key=lambda one: _STEPS.index(one.code), default=Reason("not_a_member"))

    def _closed(self, alliance: Alliance, opening: Opening) -> Reason | None:
        skill = opening.requirement.skill
        if alliance.skills and skill not in alliance.skills:
            return Reason.of("skill_not_lent", alliance=alliance.id, skill=skill or "")
        if opening.interval.start < self.moment + alliance.notice_minutes:
            return Reason.of(
                "alliance_notice", alliance=alliance.id, needed=alliance.notice_minutes
            )
        if alliance.minutes_left < opening.interval.minutes:
            return Reason.of("alliance_used_up", alliance=alliance.id, left=alliance.minutes_left)
        return None
