"""What the pages that people open most cost the server, as multiples of the bare frame.

./ayni bench pages           co-ops of 200 and of 2,000 people with two years behind them; with
                             --check it exits 1 when a target is missed
./ayni bench pages 500       one of 500 people

The server is a process of its own on SQLite; its CPU is read before and after each request, and the
frame (`templates/base.html`) is written here in between, so that both meet the same machine.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.measuring.pages import GROWTH, MOST, Measured, measured  # noqa: E402  # the launcher puts only this folder's path in

SIZES = (200, 2_000)
PEOPLE_TO_A_GROUP = 10


async def main(arguments: list[str]) -> int:
    """Measure each size; return 1 when asked to check and a target is missed."""
    sizes = [int(one) for one in arguments if one.isdecimal()] or list(SIZES)
    found: list[Measured] = []
    missed = 0
    for people in sizes:
        with tempfile.TemporaryDirectory(prefix="ayni_pages_", dir=os.environ.get("TMPDIR")) as at:
            found.append(await measured(Path(at), people, people // PEOPLE_TO_A_GROUP))
        missed += _say(found[-1])
    if len(found) > 1:
        missed += _say_growth(found[0], found[-1])
    return 1 if "--check" in arguments and missed else 0


def _say(one: Measured) -> int:
    print(f"{one.people} people; the bare frame {one.frame:.2f} ms, 95 of 100 times", flush=True)
    missed = 0
    for name, cost in one.pages.items():
        ratio = one.ratio(name)
        missed += ratio > MOST
        print(
            f"  {name:10} {cost.middle:7.2f} ms, 95 of 100 {cost.most:7.2f} ms   ratio {ratio:5.1f}"
            f"   at most {MOST:g}{'   MISSED' if ratio > MOST else ''}"
            f"   {cost.queries} statements, {cost.size / 1000:.1f} KB",
            flush=True,
        )
    return missed


def _say_growth(small: Measured, large: Measured) -> int:
    missed = 0
    for name, cost in large.pages.items():
        before = small.pages[name]
        grown = (cost.middle / large.frame) / (before.middle / small.frame)
        failed = grown > GROWTH or cost.queries != before.queries
        missed += failed
        print(
            f"{name:10} of {large.people} people beside {small.people}: {grown:.2f} times"
            f"   at most {GROWTH:g}; statements {before.queries} and {cost.queries}"
            f"{'   MISSED' if failed else ''}"
        )
    return missed


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
