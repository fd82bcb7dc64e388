"""The parts of the benchmark: each yields lines of its table.

What is ours and its peer take turns, each time in a new process, and the round in the middle
counts: a machine that others use too is never the same for a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.planning import qualities
from benchmarks.planning.child import Figures, measured
from benchmarks.planning.table import Line, filled, sooner

ROUNDS = 3
SEEDS = (1, 2, 3)

Part = Callable[[bool], Iterator[Line]]


def eligibility(_: bool) -> Iterator[Line]:
    """Find the edges of L, beside joins of sets and of frames that find the same."""
    for size in ("S", "M"):
        for seed in SEEDS:
            measured("agreement", size, seed=seed)
    pairs = [(measured("ours", "L"), measured("frames", "L")) for _ in range(ROUNDS)]
    ours, sets = middle(pairs, _join)[0], measured("sets", "L")
    found = {sets["edges"], *(one["edges"] for pair in pairs for one in pair)}
    assert found == {ours["edges"]}, "not everybody found the same"
    yield Line("edges of L", ours["edges"], "")
    yield sooner("eligibility on L, Python sets", _join(ours), _join(sets), 12)
    yield sooner("  with reading the problem", _load_and_join(ours), _load_and_join(sets))
    yield sooner("eligibility on L, polars", *map(_join, middle(pairs, _join)), 1.3)
    both = map(_load_and_join, middle(pairs, _load_and_join))
    yield sooner("  with reading the problem", *both)


def plan(_: bool) -> Iterator[Line]:
    """Plan M, beside two solvers; see how long a third takes for a question of one moment."""
    for seed in SEEDS:
        ours = one_in_the_middle([measured("ours", "M", seed=seed) for _ in range(ROUNDS)], _plan)
        yield Line(f"places of M, seed {seed}", ours["places"], "")
        for name, who, times, share in (
            ("cp_sat", "CP-SAT", 100, 1),
            ("highs", "HiGHS MIP", 20, 0.999),
        ):
            theirs = measured(name, "M", seed=seed)
            yield sooner(f"plan of M, {who}", ours["plan"], theirs["seconds"], times)
            yield filled("  places filled", ours["filled"], theirs["filled"], share)
            easier = measured(f"{name}_places", "M", seed=seed)
            yield sooner("  asked only how many places", ours["plan"], easier["seconds"])
            yield filled("    places filled", ours["filled"], easier["filled"])
    yield from _hard("three times the work", load=3)
    yield from _hard("uneven work", uneven=True)
    simplex = measured("network_simplex", "M")
    yield Line("one moment of M, networkx network_simplex", simplex["seconds"])


def whole(_: bool) -> Iterator[Line]:
    """Go the whole way on L."""
    rounds = [measured("ours", "L") for _ in range(ROUNDS)]
    yield from _whole("L", one_in_the_middle(rounds, _load_join_and_plan))


def growth(largest: bool) -> Iterator[Line]:
    """See whether an edge of a large problem costs more than one of a small problem."""
    for size in ("L", "XL") if largest else ("L",):
        pairs = [(measured("ours", size), measured("ours", "M")) for _ in range(ROUNDS)]
        for step in ("join", "plan"):

            def each(one: Figures, step: str = step) -> float:
                return one[step] / one["edges"]

            large, small = map(each, middle(pairs, each))
            what = f"{'eligibility' if step == 'join' else 'plan'}, an edge of {size} beside M's"
            yield Line(what, large * 1e9, "ns", small * 1e9, large / small, 2, most=True)


def memory(largest: bool) -> Iterator[Line]:
    """Go the whole way on XL when it is asked for, and see what that holds."""
    size = "XL" if largest else "L"
    one = measured("ours", size)
    if largest:
        yield from _whole(size, one)
    limit = 2_048 if largest else None
    yield Line(f"{size}, memory at most held", one["megabytes"], "MB", target=limit, most=True)


PARTS: dict[str, Part] = {
    "eligibility": eligibility,
    "plan": plan,
    "whole": whole,
    "growth": growth,
    "memory": memory,
    "fill": qualities.fill,
    "repair": qualities.repair,
    "reasons": qualities.reasons,
}


def middle(
    pairs: list[tuple[Figures, Figures]], figure: Callable[[Figures], float]
) -> tuple[Figures, Figures]:
    """Return the round in which the ratio of a figure is the one in the middle."""
    return sorted(pairs, key=lambda pair: figure(pair[0]) / figure(pair[1]))[len(pairs) // 2]


def one_in_the_middle(rounds: list[Figures], figure: Callable[[Figures], float]) -> Figures:
    """Return the round in which a figure is the one in the middle."""
    return sorted(rounds, key=figure)[len(rounds) // 2]


def _whole(size: str, one: Figures) -> Iterator[Line]:
    yield Line(f"{size}, all of it", _load_join_and_plan(one))
    yield Line("  reading the problem", one["load"])
    yield Line("  eligibility", one["join"])
    found = _load_and_join(one)
    yield Line(
        "  plan, beside finding who could do what",
        one["plan"],
        "s",
        found,
        one["plan"] / found,
        3,
        most=True,
    )
    yield filled("  places filled, of all there are", one["filled"], one["places"])


def _hard(what: str, **how: int) -> Iterator[Line]:
    """Plan what CP-SAT does not finish."""
    ours, theirs = (measured(name, "M", **how) for name in ("ours", "cp_sat_places"))
    yield sooner(f"plan of M, {what}, CP-SAT, only places", ours["plan"], theirs["seconds"])
    yield filled("  places filled", ours["filled"], theirs["filled"])
    yield Line("  no plan fills more than", theirs["bound"], "")


def _join(one: Figures) -> float:
    return one["join"]


def _plan(one: Figures) -> float:
    return one["plan"]


def _load_and_join(one: Figures) -> float:
    return one["load"] + one["join"]


def _load_join_and_plan(one: Figures) -> float:
    return one["load"] + one["join"] + one["plan"]
