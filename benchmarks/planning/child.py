"""What is measured, in a process of its own: `measured` starts one and reads what it prints."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess  # runs this very file
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.planning.generator import made
from benchmarks.planning.tasks import TASKS
from matching import Problem
from matching.columns import columns_of
from matching.draft import Draft
from matching.join import Edges, edges_of
from matching.solve import settled

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

Figures = dict[str, float]


def measured(name: str, size: str, **how: int) -> Figures:
    """Measure something of `MEASURES` in a process of its own; `how` is what `made` takes."""
    words = [sys.executable, "-m", "benchmarks.planning.child", name, size, json.dumps(how)]
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(done.stdout))


def ours(problem: Problem) -> Figures:
    """Go the whole way, and say how long each step took."""
    begun = time.perf_counter()
    columns = columns_of(problem)
    loaded = time.perf_counter()
    edges = edges_of(columns)
    joined = time.perf_counter()
    draft = settled(Draft(columns, edges))
    planned = time.perf_counter()
    return {
        "load": loaded - begun,
        "join": joined - loaded,
        "plan": planned - joined,
        "edges": len(edges.workers),
        "filled": sum(map(len, draft.filled)),
        "places": sum(one.places for one in problem.openings),
    }


def sets(problem: Problem) -> Figures:
    """Join by sets."""
    from benchmarks.planning.peers.sets import Sets

    begun = time.perf_counter()
    tables = Sets(problem)
    loaded = time.perf_counter()
    openings, _, _ = tables.join()
    return {
        "load": loaded - begun,
        "join": time.perf_counter() - loaded,
        "edges": len(openings),
    }


def frames(problem: Problem) -> Figures:
    """Join by polars."""
    from benchmarks.planning.peers.frames import Frames

    begun = time.perf_counter()
    tables = Frames(problem)
    loaded = time.perf_counter()
    found = tables.join()
    return {"load": loaded - begun, "join": time.perf_counter() - loaded, "edges": len(found)}


def agreement(problem: Problem) -> Figures:
    """Want the same edges from everybody."""
    from benchmarks.planning.peers.frames import Frames
    from benchmarks.planning.peers.sets import Sets

    found = edges_of(columns_of(problem))
    edges = triples(found)
    assert len(edges) == len(found.workers), "an edge is there twice"
    assert sorted(edges) == sorted(zip(*Sets(problem).join(), strict=True))
    assert sorted(edges) == sorted(Frames(problem).join().rows())
    return {"edges": len(edges)}


def triples(edges: Edges) -> set[tuple[int, int, int]]:
    """Write edges as (opening, worker, way)."""
    columns = (edges.openings.tolist(), edges.workers.tolist(), edges.via.tolist())
    return set(zip(*columns, strict=True))


def _solver(name: str, **how: bool) -> Callable[[Problem], Figures]:
    def measure(problem: Problem) -> Figures:
        from benchmarks.planning.peers import solvers

        return dict(getattr(solvers, name)(problem, edges_of(columns_of(problem)), **how))

    return measure


MEASURES: dict[str, Callable[[Problem], Figures]] = {
    "ours": ours,
    "sets": sets,
    "frames": frames,
    "agreement": agreement,
    "cp_sat": _solver("cp_sat"),
    "highs": _solver("highs"),
    "cp_sat_places": _solver("cp_sat", only_places=True),
    "highs_places": _solver("highs", only_places=True),
    "network_simplex": _solver("network_simplex"),
    **TASKS,
}


def main(name: str, size: str, how: str) -> None:
    """Measure once; a small problem before loads and warms what the first call would."""
    MEASURES[name](made("S"))
    problem = made(size, **json.loads(how))
    gc.freeze()  # what the generator left behind is nobody's work to look through
    figures = MEASURES[name](problem)
    figures["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
