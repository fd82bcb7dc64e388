"""What a group lacks in the coming weeks: which skill, on whom it depends, what could be learnt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

import matching
from federation import Iri
from instance.alliances import service as alliances
from instance.db import Database, Tx
from instance.groups import service as groups
from instance.staffing import ahead
from instance.staffing.openings import OpeningToFill
from instance.staffing.problem import Asking
from instance.staffing.remembered import Remembered
from instance.staffing.views import DependsView, GapsView, Lacking, PlaceAt, TrainingLine
from instance.viewer import Viewer

if TYPE_CHECKING:
    from matching.gaps import MissingAttribute, SinglePoint
    from matching.training import TrainingPlan

MOST_TRAININGS = 8
MOST_LINES = 20


class _Gaps(msgspec.Struct, frozen=True):
    filled: int
    missing: tuple[MissingAttribute, ...]
    trainings: TrainingPlan


def _gaps(problem: matching.Problem) -> _Gaps:
    plan = matching.plan(problem)
    return _Gaps(
        len(plan.assignments),
        matching.missing_attributes(problem, plan),
        matching.training_plan(problem, plan, MOST_TRAININGS),
    )


def _points(problem: matching.Problem) -> tuple[SinglePoint, ...]:
    return matching.single_points(problem, matching.plan(problem))


_GAPS: Final = Remembered(_gaps)
_POINTS: Final = Remembered(_points)


async def gaps(database: Database, viewer: Viewer, group: Iri) -> GapsView:
    """Tell a leader what her group lacks in the coming weeks; raise NotFound for everybody else.

    Reads in one transaction, computes in none, and notes in another that what members share was
    read. On whom work depends is asked as if nobody had been asked for it yet: who has a place
    already is one of those it depends on. Where computing takes its time the view is not ready, and
    is to be asked for again.
    """
    async with database.reading() as tx:
        asked = await ahead.coming(tx, viewer, group)
        afresh = await ahead.coming(tx, viewer, group, afresh=True)
        view = GapsView(
            group=group,
            group_name=await alliances.name_of(tx, group),
            weeks=ahead.WEEKS,
            coming=len(asked.work.openings),
            people=len(asked.problem.workers),
            hidden=len(asked.hidden),
            places=sum(one.places for one in asked.problem.openings),
        )
    found, points = await asyncio.gather(
        _GAPS.within(asked.problem, ahead.PATIENCE), _POINTS.within(afresh.problem, ahead.PATIENCE)
    )
    if found is None or points is None:
        return view
    async with database.transaction() as tx:
        await ahead.note_read(tx, viewer, asked)
        figures = await _figures(tx, asked, found, points)
    return msgspec.structs.replace(view, ready=True, **figures)


async def _figures(
    tx: Tx, asked: Asking, found: _Gaps, points: tuple[SinglePoint, ...]
) -> dict[str, Any]:
    group = asked.work.group
    shown = points[:MOST_LINES]
    named = {one.worker for one in found.trainings.steps}
    named |= {worker for one in shown for worker in one.workers}
    names = await groups.names_for(tx, group, {Iri(one) for one in named})
    at = {one.opening: _place(one) for one in asked.work.openings}
    return {
        "suggested": found.filled,
        "missing": tuple(_lacking(one) for one in found.missing[:MOST_LINES]),
        "trainings": tuple(
            TrainingLine(
                name=names[Iri(one.worker)],
                kind=one.attribute.kind,
                key=one.attribute.key,
                level=one.attribute.level,
                places=tuple(at[Iri(opening)] for opening in one.openings),
            )
            for one in found.trainings.steps
        ),
        "gained": found.trainings.places,
        "depends": tuple(_depends(one, names, at) for one in shown),
    }


def _lacking(one: MissingAttribute) -> Lacking:
    what = one.attribute
    return Lacking(what.kind, what.key, what.level, one.places, one.people, one.expiring)


def _depends(one: SinglePoint, names: Mapping[Iri, str], at: Mapping[Iri, PlaceAt]) -> DependsView:
    return DependsView(
        names=tuple(names[Iri(worker)] for worker in one.workers),
        wanted=tuple(_word(what) for what in one.attributes),
        places=tuple(sorted((at[Iri(opening)] for opening in one.openings), key=_when)),
    )


def _word(what: matching.Attribute) -> tuple[str, str, int]:
    return what.kind, what.key, what.level


def _when(place: PlaceAt) -> tuple[object, str]:
    return place.start, place.opening


def _place(one: OpeningToFill) -> PlaceAt:
    token = one.job.rpartition("/")[2]
    return PlaceAt(one.opening, one.title, one.skill, one.start, f"/jobs/{token}/staffing")
