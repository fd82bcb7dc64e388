"""The members' order of priorities, as one sum of which a solver makes as much as it can.

A place weighs more than anything that a way can cost; a step further to somebody's group more than
all that comes after it; and so on down to kilometres. Hours are the fairer, the smaller the sum of
the squares of everybody's share (minutes had for each minute asked for); a square is written as the
largest of its tangents, one at each quarter. Of what the program does besides, keeping teams
together and the lot are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.planning.peers.rows import Row, by
from matching import Problem
from matching.join import Edges

PLACE, STEP, HOUR_OWED, WHOLE_SHARE, KILOMETRE = 1_000_000, 100_000, 1_000, 100, 1
QUARTERS = (1, 2, 3, 4)


def weights(problem: Problem, edges: Edges) -> list[int]:
    """Weigh each edge by what does not depend on others: a place, steps, hours owed, distance."""
    owed = np.array([one.owed_minutes for one in problem.alliances] or [0]) // 60
    owing = np.where(edges.via >= 0, owed.max() - owed[np.maximum(edges.via, 0)], owed.max())
    far = np.maximum(edges.metres, 0) // 1_000
    found: list[int] = (PLACE - STEP * edges.far - HOUR_OWED * owing - KILOMETRE * far).tolist()
    return found


def tangents(problem: Problem, edges: Edges) -> Iterator[Row]:
    """Hold each person's variable above the square of her share; it stands after all edges."""
    openings = edges.openings.tolist()
    minutes = [one.interval.minutes for one in problem.openings]
    for person, (number, mine) in enumerate(by(edges.workers.tolist()).items()):
        who = problem.workers[number]
        for quarter in QUARTERS:
            slope = 8 * WHOLE_SHARE * quarter
            takes = [slope * minutes[openings[edge]] for edge in mine]
            most = WHOLE_SHARE * quarter**2 * who.minutes_wanted - slope * who.minutes_had
            yield (
                [*mine, len(openings) + person],
                [*takes, -16 * who.minutes_wanted],
                most,
            )
