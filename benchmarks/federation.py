"""How fast an instance takes in, answers and sends, as ratios to bare programs beside it.

./ayni bench federation              prints a table; with --check it exits 1 when a target is missed
./ayni bench federation intake get   only these parts: intake, get, fanout, growth, memory
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.measuring import parts  # noqa: E402  # the launcher puts only this folder's path in
from benchmarks.measuring.table import Line, show  # noqa: E402  # as above

PARTS = {
    "intake": parts.intake,
    "get": parts.get,
    "fanout": parts.fanout,
    "growth": parts.growth,
    "memory": parts.memory,
}


async def main(arguments: list[str]) -> int:
    """Measure what was asked for; return 1 when asked to check and a target is missed."""
    chosen = [one for one in PARTS if one in arguments] or list(PARTS)
    lines: list[Line] = []
    for name in chosen:
        with tempfile.TemporaryDirectory(prefix="ayni_bench_", dir=os.environ.get("TMPDIR")) as at:
            async for line in PARTS[name](Path(at)):
                lines.append(line)
                show(line)
    missed = [line for line in lines if line.missed]
    print(f"{len(lines) - len(missed)} of {len(lines)} reach their targets.")
    return 1 if "--check" in arguments and missed else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
