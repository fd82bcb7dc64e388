"""How soon a leader's page answers when she asks for the plan of a whole week.

./ayni bench week            co-ops of 200 and of 2,000 people; with --check it exits 1 when missed
./ayni bench week 500        one of 500 people, with half as many shifts

The server is a process of its own, started as administrators start theirs; pages are fetched from
here, one after the other.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.measuring.weeks import Line, growth, measured  # noqa: E402  # the launcher puts only this folder's path in

SIZES = (200, 2_000)


async def main(arguments: list[str]) -> int:
    """Measure each size; return 1 when asked to check and a target is missed."""
    sizes = [int(one) for one in arguments if one.isdecimal()] or list(SIZES)
    found: list[dict[str, Line]] = []
    for people in sizes:
        with tempfile.TemporaryDirectory(prefix="ayni_week_", dir=os.environ.get("TMPDIR")) as at:
            found.append(await measured(Path(at), people, people // 2))
        for line in found[-1].values():
            print(line.text, flush=True)
    lines = [line for one in found for line in one.values()]
    if len(found) > 1:
        grown = growth(found[0], found[-1], sizes[-1] / sizes[0])
        lines += grown
        for line in grown:
            print(line.text, flush=True)
    held = [line for line in lines if line.most is not None]
    missed = [line for line in held if line.missed]
    print(f"{len(held) - len(missed)} of {len(held)} reach their targets.")
    return 1 if "--check" in arguments and missed else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
