"""How soon people are found and plans made, and how full, beside other ways of doing the same.

./ayni bench matching                    prints a table; with --check it exits 1 when one is missed
./ayni bench matching eligibility plan   only these of: eligibility, plan, whole, growth,
                                         memory, fill, repair, reasons
./ayni bench matching memory --size XL   also with 200,000 people and 50,000 openings
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# First, or this file would stand in for the package whose name it has.
sys.path[:0] = [str(ROOT)]

from benchmarks.planning.parts import PARTS  # noqa: E402  # the launcher puts only this folder's path in
from benchmarks.planning.table import Line, text  # noqa: E402  # as above


def main(arguments: list[str]) -> int:
    """Measure what was asked for; return 1 when asked to check and a target is missed."""
    chosen = [one for one in PARTS if one in arguments] or list(PARTS)
    largest = "XL" in arguments or "--size=XL" in arguments
    lines: list[Line] = []
    for name in chosen:
        for line in PARTS[name](largest):
            lines.append(line)
            print(text(line), flush=True)
    held = [line for line in lines if line.target is not None]
    missed = [line for line in held if line.missed]
    print(f"{len(held) - len(missed)} of {len(held)} reach their targets.")
    return 1 if "--check" in arguments and missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
