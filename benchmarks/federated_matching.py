"""How full groups become that see only their own people, beside a plan that sees everybody.

./ayni bench federated_matching          prints the curve; with --check it exits 1 when it is missed
./ayni bench federated_matching 100      only up to so many groups

Each group plans for its own people, knows its allies by coarse counts, and asks them for the rest.
What they reach stands beside the most that any plan of the whole network could.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.federated.network import Network  # noqa: E402  # the launcher puts only this folder's path in
from benchmarks.federated.trading import Trade  # noqa: E402  # as above
from benchmarks.planning.generator import Size, made  # noqa: E402  # as above
from benchmarks.planning.table import Line, filled, text  # noqa: E402  # as above
from matching import bound, plan  # noqa: E402  # as above

GROUPS = (10, 30, 100, 300, 1_000, 2_000)
LOADS = (1, 3)
WORKERS, SHIFTS = 25, 5
MOST_BOUNDED = 3_000
"""Groups times load up to which the bound is computed: that takes less than a minute."""

HELD_AT = 300
TARGETS = {1: 0.984, 3: 0.96}
"""By load, the share of the bound that has to be filled from `HELD_AT` groups on."""


@dataclass(frozen=True)
class Point:
    """What was reached with so many groups and so much work, and what it took."""

    groups: int
    load: int
    at_once: int
    places: int
    alone: int
    lent: int
    filled: int
    seeing: int
    bound: int | None
    rounds: int
    moved: int
    between: int
    said: int

    @property
    def yardstick(self) -> int:
        """The most that any plan fills; where that takes too long, what the all-seeing one does."""
        return self.seeing if self.bound is None else self.bound


def measured(groups: int, load: int, at_once: int = 1, seed: int = 1) -> Point:
    """Let a network of groups staff itself, and plan the whole of it as well."""
    problem = made(Size(WORKERS * groups, SHIFTS * groups, groups), load, seed)
    trade = Trade(Network(problem), at_once).run()
    between = ("count", "ask", "offer", "accept", "announce")
    return Point(
        groups=groups,
        load=load,
        at_once=at_once,
        places=sum(one.places for one in problem.openings),
        alone=trade.own,
        lent=trade.lent,
        filled=trade.filled,
        seeing=len(plan(problem).assignments),
        bound=bound(problem) if groups * load <= MOST_BOUNDED else None,
        rounds=trade.rounds,
        moved=trade.moved,
        between=sum(trade.said[one] for one in between),
        said=trade.said.total(),
    )


HEAD = (
    "groups  work  places  alone  together  all-seeing  at most  share  rounds"
    "  messages: a place  between groups, a lent place"
)


def row(point: Point) -> str:
    """Write a line of the curve."""
    most = "-" if point.bound is None else f"{point.bound:,}"
    return (
        f"{point.groups:6,}  x{point.load}{'*' if point.at_once > 1 else ' '} "
        f"{point.places:7,} {point.alone:6,} {point.filled:9,} {point.seeing:11,} {most:>8}"
        f" {point.filled / point.yardstick:7.4f} {point.rounds:6}"
        f" {point.said / max(1, point.filled):18.2f} {point.between / max(1, point.lent):18.2f}"
    )


def lines(points: list[Point]) -> list[Line]:
    """Hold what was reached against the targets."""
    return [
        filled(
            f"{one.groups:,} groups, {one.load} times the work",
            one.filled,
            one.yardstick,
            TARGETS[one.load],
        )
        for one in points
        if one.groups >= HELD_AT and one.at_once == 1
    ]


def main(arguments: list[str]) -> int:
    """Measure the curve; return 1 when asked to check and a target is missed."""
    most = max((int(one) for one in arguments if one.isdigit()), default=max(GROUPS))
    cases = [(groups, load, 1) for load in LOADS for groups in GROUPS if groups <= most]
    cases += [(groups, load, 2) for groups, load, _ in cases if groups == 100]
    with ProcessPoolExecutor(2) as pool:
        running = {one: pool.submit(measured, *one) for one in sorted(cases, reverse=True)}
        print(HEAD)
        points = []
        for one in cases:
            points.append(running[one].result())
            print(row(points[-1]), flush=True)
    print("* each place asked of two allies at once")
    held = lines(points)
    for line in held:
        print(text(line))
    missed = sum(line.missed for line in held)
    print(f"{len(held) - missed} of {len(held)} reach their targets.")
    return 1 if "--check" in arguments and missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
