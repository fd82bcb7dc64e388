"""More parts of the benchmark: how full plans are, how soon they are mended and explained."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from benchmarks.planning.child import measured
from benchmarks.planning.table import Line, filled

SEEDS = (1, 2, 3, 4, 5)
SIDE_BY_SIDE = 2


def fill(_: bool) -> Iterator[Line]:
    """Fill L, and M with three and six times the work, beside what no plan passes."""
    yield from _filled("L, in turns", "fair_and_bound", "L", 0.997)
    yield from _filled("M with three times the work, improved", "improved", "M", 0.992, load=3)
    yield from _filled("M with six times the work, improved", "improved", "M", 0.97, load=6)


def repair(_: bool) -> Iterator[Line]:
    """Let people drop out of a plan of L that is in memory, beside planning anew."""
    one = measured("drop_outs", "L")
    yield Line("drop-outs of L, half of them within", one["p50"] * 1e6, "µs")
    yield Line(
        "  99 of 100 within, beside planning anew",
        one["p99"] * 1e6,
        "µs",
        one["anew"] * 1e6,
        one["anew"] / one["p99"],
        500,
    )
    yield filled("  places filled again", one["mended"], one["tried"])


def reasons(_: bool) -> Iterator[Line]:
    """Say why, for every candidate of an opening and for every place left open of L."""
    one = measured("why_not", "L")
    yield Line("candidates of an opening of L", one["candidates"], "")
    ratio = one["rules"] / one["ours"]
    yield Line("  why not, beside rule by rule", one["ours"], "s", one["rules"], ratio, 10)
    left = measured("reasons", "L")
    yield Line("reasons for all openings of L with places left", left["seconds"])
    yield Line("  openings", left["openings"], "")


def _filled(what: str, name: str, size: str, target: float, **how: int) -> Iterator[Line]:
    """Print the seed whose share is in the middle, and how long that took."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        found = list(pool.map(lambda seed: measured(name, size, seed=seed, **how), SEEDS))
    shares = [one["filled"] / one["at_most"] for one in found]
    one = found[shares.index(sorted(shares)[len(shares) // 2])]
    yield filled(f"places of {what}", one["filled"], one["at_most"], target)
    yield Line("  computed in", median(each["seconds"] for each in found))
