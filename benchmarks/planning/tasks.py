"""What is measured of plans that exist: how full, how soon mended, how soon explained."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import numpy as np

from matching import Problem
from matching.draft import Draft
from matching.eligibility import RULES, Circumstances
from matching.explaining import Explainer
from matching.join import first_failures
from matching.model import Opening, Worker
from matching.planning import Planner, filled, written
from matching.programme import solved
from matching.repair import Resident
from matching.solve import settled

DROP_OUTS = 2_000
LOOKED_AT = 20

Figures = dict[str, float]


def fair_and_bound(problem: Problem) -> Figures:
    """Plan in turns, and compute how many places no plan fills more than."""
    planner = Planner(problem)
    places = filled(planner.fair())
    begun = time.perf_counter()
    at_most = solved(planner.empty(), whole=False).at_most
    return {"filled": places, "at_most": at_most, "seconds": time.perf_counter() - begun}


def improved(problem: Problem) -> Figures:
    """Plan as well as can be."""
    begun = time.perf_counter()
    draft, _, at_most = Planner(problem).best(improve=True)
    seconds = time.perf_counter() - begun
    return {"filled": filled(draft), "at_most": at_most or filled(draft), "seconds": seconds}


def drop_outs(problem: Problem) -> Figures:
    """Let people drop out of a plan in memory, one after the other; and plan anew, once."""
    planner = Planner(problem)
    begun = time.perf_counter()
    plan = written(settled(Draft(planner.columns, planner.edges)), "fair")
    anew = time.perf_counter() - begun
    kept = Resident(problem, plan)
    lost = random.Random(1).sample(plan.assignments, min(DROP_OUTS, len(plan.assignments)))
    took, mended, tried = list[float](), 0, 0
    standing = {(one.worker, one.opening) for one in plan.assignments}
    for one in lost:
        if (one.worker, one.opening) not in standing:
            continue
        begun = time.perf_counter()
        mending = kept.drop_out(one.worker, one.opening)
        took.append(time.perf_counter() - begun)
        standing -= {(move.worker, move.leaves) for move in mending.moves if move.leaves}
        tried, mended = tried + 1, mended + (mending.missing == 0)
    middle, last = np.percentile(took, [50, 99]).tolist()
    return {"anew": anew, "p50": middle, "p99": last, "tried": tried, "mended": mended}


def why_not(problem: Problem) -> Figures:
    """Find for every candidate of an opening the first rule that excludes her, both ways."""
    planner, now = Planner(problem), Circumstances.of(problem)
    chosen = random.Random(1).sample(range(len(problem.openings)), LOOKED_AT)
    ours, theirs, candidates = 0.0, 0.0, 0
    for number in chosen:
        begun = time.perf_counter()
        found = first_failures(planner.columns, number)
        ours += time.perf_counter() - begun
        reached = np.flatnonzero(found != 0).tolist()
        begun = time.perf_counter()
        named = [_first(problem.workers[one], problem.openings[number], now) for one in reached]
        theirs += time.perf_counter() - begun
        assert named == found[reached].tolist(), "columns and rules disagree"
        candidates += len(reached)
    return {
        "ours": ours / LOOKED_AT,
        "rules": theirs / LOOKED_AT,
        "candidates": candidates / LOOKED_AT,
    }


def reasons(problem: Problem) -> Figures:
    """Say of every opening that has places left why, and how many each rule excludes."""
    planner = Planner(problem)
    plan = written(planner.fair(), "fair")
    explainer = Explainer(problem, plan)
    begun = time.perf_counter()
    for one in plan.unfilled:
        explainer.ruled_out(one.opening)
    return {"openings": len(plan.unfilled), "seconds": time.perf_counter() - begun}


def _first(worker: Worker, opening: Opening, now: Circumstances) -> int:
    for number, rule in enumerate(RULES):
        if rule(worker, opening, now) is not None:
            return number
    return -1


TASKS: dict[str, Callable[[Problem], Figures]] = {
    "fair_and_bound": fair_and_bound,
    "improved": improved,
    "drop_outs": drop_outs,
    "why_not": why_not,
    "reasons": reasons,
}
