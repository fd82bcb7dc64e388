"""Find people for open places: ask matching, keep what it answered, and say why of everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

import matching
from federation import Iri
from instance import due
from instance.alliances import service as alliances
from instance.db import Database, Tx
from instance.groups import service as groups
from instance.people import service as people
from instance.staffing import ahead
from instance.staffing.models import Shortlist, ShortlistGap, ShortlistRow
from instance.staffing.problem import Asking, Work, asking, work_at
from instance.staffing.reasons import INSTEAD, TURN, reasons_when_asked
from instance.staffing.remembered import Remembered
from instance.staffing.views import AllyCount, Candidate, OpeningFound, ShortlistView
from instance.transparency import service as transparency
from instance.viewer import Viewer

FORGET_SHORTLIST = "staffing.forget_shortlist"
KEPT = timedelta(days=28)
"""So long after the last shift a shortlist is kept: time enough to ask for a review of it."""

CHOOSABLE = frozenset({"others_first", "needed_elsewhere", "no_place_left", "no_answer"})
"""Reasons for being passed over that a leader may set aside: no rule stands against asking."""

NOT_FREE = frozenset({"already_promised", "rest_too_short", "weekly_cap"})
"""Reasons that would tell where else somebody works: a leader reads "not free then"."""

BATCH = 500


class _Answer(msgspec.Struct, frozen=True):
    plan: matching.Plan
    explained: tuple[matching.Explanation, ...]
    turns: Mapping[str, Sequence[str]] = {}


def _computed(problem: matching.Problem) -> _Answer:
    plan = matching.plan(problem)
    explained = matching.explain(problem, plan, changes=True)
    return _Answer(plan, explained, matching.in_turn(problem, plan))


REMEMBERED: Final = Remembered(_computed)


async def find_people(database: Database, viewer: Viewer, subject: Iri) -> ShortlistView:
    """Suggest people for the open places of a job, or of a loan by its Agreement.

    Reads in one transaction, computes in none, and keeps the answer in another. Who could come
    instead of people for whom an ally still looks is asked after that, as if all suggested for
    places that are open had promised them. The lot is drawn from the job's seed, so that asking
    again with nothing changed gives the same answer. Raises NotFound for everybody but leaders of
    the group that has the places to fill.
    """
    async with database.reading() as tx:
        work = await work_at(tx, subject)
        await people.require_leader(tx, viewer, work.group)
        asked = await asking(tx, work)
        instead = await asking(tx, promised_work(work, asked))
    answer, other = await asyncio.to_thread(_answers, asked.problem, instead.problem)
    async with database.transaction() as tx:
        await people.require_leader(tx, viewer, work.group)
        await keep(tx, viewer, asked, answer)
        await forget_shortlist(tx, instead.work.subject)
        if instead.problem.openings:
            await keep(tx, viewer, instead, other)
        found = await shortlist(tx, work)
    assert found, "it was just kept"
    return found


async def shortlist(tx: Tx, work: Work) -> ShortlistView | None:
    """Return what was last suggested for a job or a loan, or None; for its group's leaders only."""
    kept = await tx.get(Shortlist, work.subject)
    if kept is None:
        return None
    rows = (
        await tx.session.scalars(
            sa.select(ShortlistRow)
            .where(ShortlistRow.subject == work.subject)
            .order_by(ShortlistRow.opening, ShortlistRow.person)
        )
    ).all()
    chosen = sa.select(ShortlistGap).where(ShortlistGap.subject == work.subject)
    gaps = {row.opening: row for row in (await tx.session.scalars(chosen)).all()}
    names = await groups.names_for(tx, work.group, {Iri(row.person) for row in rows})
    allies = {}
    if gaps:
        allies = {one.ally: one.name for one in await alliances.allies(tx, work.group)}
    at: dict[str, list[ShortlistRow]] = {}
    for row in rows:
        at.setdefault(row.opening, []).append(row)
    return ShortlistView(
        subject=work.subject,
        found=kept.found,
        problem_hash=kept.problem_hash,
        rule_version=kept.rule_version,
        seed=kept.seed,
        decision=kept.decision,
        openings=tuple(
            _found(one.opening, at.get(one.opening, []), gaps.get(one.opening), names, allies)
            for one in work.openings
            if one.opening in at or one.opening in gaps
        ),
    )


async def reasons_to_ask(
    tx: Tx, work: Work, opening: Iri, chosen: Sequence[Iri]
) -> dict[Iri, list[str]]:
    """Say, for each of those chosen, why she is asked: as suggested, or because a leader chose."""
    rows = await tx.session.execute(
        sa.select(ShortlistRow.person, ShortlistRow.code).where(
            ShortlistRow.subject == work.subject,
            ShortlistRow.opening == opening,
            ShortlistRow.suggested,
        )
    )
    codes = {Iri(row.person): row.code for row in rows}
    return {one: [codes.get(one, "chosen_by_leader")] for one in chosen}


async def forget_shortlist(tx: Tx, key: str) -> None:
    """Do what is due: forget who was suggested for something that is long over."""
    for table in (ShortlistRow, ShortlistGap, Shortlist):
        await tx.session.execute(sa.delete(table).where(table.subject == key))


def promised_work(work: Work, asked: Asking | None = None) -> Work:
    """Return the places of a job for which allies look, if none of the group's own is open there.

    A place counts as many people of its own as would be wanted if no ally named anybody more.
    """
    open_here = {one.id for one in asked.problem.openings} if asked else set()
    return msgspec.structs.replace(
        work,
        subject=Iri(work.subject + INSTEAD),
        openings=tuple(
            msgspec.structs.replace(one, places=one.places + one.looking())
            for one in work.openings
            if one.looking() and one.opening not in open_here
        ),
        instead=True,
    )


def _answers(problem: matching.Problem, instead: matching.Problem) -> tuple[_Answer, _Answer]:
    """Answer for the open places, then for those for which allies look."""
    answer = REMEMBERED.answer(problem)
    hours = {one.id: one.interval for one in problem.openings}
    wanted: dict[str, list[str]] = {}
    for one in answer.plan.assignments:
        wanted.setdefault(one.worker, []).append(one.opening)
    after = msgspec.structs.replace(
        instead,
        workers=tuple(
            msgspec.structs.replace(
                one, promised=(*one.promised, *(hours[at] for at in wanted.get(one.id, ())))
            )
            for one in instead.workers
        ),
    )
    other = REMEMBERED.answer(after)
    # places that an ally has promised are not open: nobody is asked to look for them once more
    plan = msgspec.structs.replace(other.plan, unfilled=())
    told = tuple(_elsewhere(one, wanted) for one in other.explained)
    return answer, _Answer(plan, told, other.turns)


def _elsewhere(
    explained: matching.Explanation, wanted: Mapping[str, Sequence[str]]
) -> matching.Explanation:
    """Say of those who are suggested for an open place that they are needed there."""
    told = tuple(
        msgspec.structs.replace(
            one,
            reason=matching.Reason.of("needed_elsewhere", opening=wanted[one.worker][0]),
            change=None,
        )
        if one.worker in wanted and one.reason.code in NOT_FREE
        else one
        for one in explained.told
    )
    return msgspec.structs.replace(explained, told=told)


# Keeping -----------------------------------------------------------------------------------------


async def keep(tx: Tx, viewer: Viewer, asked: Asking, answer: _Answer) -> None:
    """Keep whom matching suggests and passes over, instead of what was kept before."""
    work, plan = asked.work, answer.plan
    text = "%(people)s people were suggested for %(places)s open places."
    if work.instead:
        text = "%(people)s people were suggested for %(places)s places for which allies look."
    await take(tx, viewer, asked, plan, text)
    before = await reasons_when_asked(tx, work.subject, (one.worker for one in asked.problem.asked))
    for table in (ShortlistRow, ShortlistGap):
        await tx.session.execute(sa.delete(table).where(table.subject == work.subject))
    turns = {
        (opening, person): {TURN: str(before_her)}
        for opening, people_there in answer.turns.items()
        for before_her, person in enumerate(people_there)
    }
    lines = []
    for at in answer.explained:
        for one in at.told:
            row = _row(asked, at.opening, one, before)
            row["values"] |= turns.get((at.opening, one.worker), {})
            lines.append(row)
    lines += [
        _hidden(asked, opening.id, one)
        for opening in asked.problem.openings
        for one in asked.hidden
    ]
    for first in range(0, len(lines), BATCH):
        await tx.session.execute(sa.insert(ShortlistRow), lines[first : first + BATCH])
    if plan.unfilled:
        gaps = [gap_row(asked, one) for one in plan.unfilled]
        await tx.session.execute(sa.insert(ShortlistGap), gaps)
    await ahead.note_read(tx, viewer, asked)
    last = max((one.end for one in work.openings), default=tx.now)
    await due.schedule(tx, max(last, tx.now) + KEPT, FORGET_SHORTLIST, work.subject)


async def take(
    tx: Tx, viewer: Viewer, asked: Asking, plan: matching.Plan, text: str, **more: Any
) -> None:
    """Take the shortlist's row until the transaction ends, so that two leaders do not mix.

    Writes down which answer it holds, and logs in these words that it was asked for.
    """
    subject = asked.work.subject
    empty = {
        "subject": subject,
        "group": asked.work.group,
        "problem_hash": plan.problem_hash,
        "rule_version": plan.rule_version,
        "seed": plan.seed,
        "found": tx.now,
    }
    await tx.session.execute(tx.insert(Shortlist).values(**empty).on_conflict_do_nothing())
    row = await tx.session.get(Shortlist, subject, populate_existing=True, with_for_update=True)
    assert row, "it was just made"
    row.problem_hash, row.rule_version, row.seed = plan.problem_hash, plan.rule_version, plan.seed
    row.found = tx.now
    row.decision = await _note(tx, viewer, asked, plan, text, **more)


async def _note(
    tx: Tx, viewer: Viewer, asked: Asking, plan: matching.Plan, text: str, **more: Any
) -> str:
    """Log that matching was asked, with all by which its answer is computed again."""
    return await transparency.note(
        tx,
        "staffing.suggested",
        by=viewer.person,
        group=asked.work.group,
        text=text,
        people=len(plan.assignments),
        places=sum(one.places for one in asked.problem.openings),
        subject=asked.work.subject,
        problem_hash=plan.problem_hash,
        rule_version=plan.rule_version,
        seed=plan.seed,
        policy=asked.problem.rules.policy,
        **more,
    )


def _row(
    asked: Asking,
    opening: str,
    one: matching.Told,
    before: Mapping[tuple[str, str], dict[str, str]],
) -> dict[str, Any]:
    reason = _told(asked, opening, one)
    then = before.get((opening, one.worker), {}) if reason.code == "already_asked" else {}
    return {
        "subject": asked.work.subject,
        "opening": opening,
        "person": one.worker,
        "suggested": one.suggested,
        "code": reason.code,
        "values": dict(reason.values) | _changed(one) | then,
    }


def _changed(one: matching.Told) -> dict[str, str]:
    """Put what would change it among the values of its reason."""
    if one.change is None:
        return {}
    values = {f"change_{name}": value for name, value in one.change.values}
    return {"change": one.change.code, **values}


def _hidden(asked: Asking, opening: str, person: Iri) -> dict[str, Any]:
    """Say of a member who shares nothing that matching knows nothing of her."""
    row = {"subject": asked.work.subject, "opening": opening, "person": person}
    return {**row, "suggested": False, "code": "shares_nothing", "values": {}}


def _told(asked: Asking, opening: str, one: matching.Told) -> matching.Reason:
    """Return a reason as it may be kept and shown: never what somebody promised elsewhere."""
    code = one.reason.code
    if code in NOT_FREE or (code == "no_availability" and one.worker in asked.painted):
        return matching.Reason("not_free")
    instead = asked.instead.get((one.worker, opening))
    if instead and code in {"already_asked", "said_no"}:
        return matching.Reason(instead)
    return one.reason


def gap_row(asked: Asking, one: matching.Unfilled) -> dict[str, Any]:
    """Return the row of an opening that stays open in part."""
    return {
        "subject": asked.work.subject,
        "opening": one.opening,
        "places": one.places,
        "code": one.reason.code,
        "values": dict(one.reason.values),
        "allies": {"items": msgspec.to_builtins(_options(asked, one))},
    }


def _options(asked: Asking, one: matching.Unfilled) -> list[AllyCount]:
    """List the allies who may help, and those who could not be heard: they may help, too."""
    labels = {each.group: each.label for each in one.ally_options}
    silent = [ally for ally, heard in asked.heard.items() if heard.failed and ally not in labels]
    return [
        AllyCount(
            Iri(ally),
            "",
            labels.get(ally, ""),
            asked.heard[Iri(ally)].as_of,
            bool(asked.heard[Iri(ally)].failed),
        )
        for ally in (*labels, *silent)
    ]


# Showing -----------------------------------------------------------------------------------------


def _found(
    opening: Iri,
    rows: Iterable[ShortlistRow],
    gap: ShortlistGap | None,
    names: dict[Iri, str],
    allies: dict[Iri, str],
) -> OpeningFound:
    told = [
        (
            row.suggested,
            Candidate(
                Iri(row.person),
                names[Iri(row.person)],
                row.code,
                row.values,
                row.suggested or row.code in CHOOSABLE,
            ),
        )
        for row in rows
    ]
    passed = [one for suggested, one in told if not suggested]
    return OpeningFound(
        opening=opening,
        suggested=tuple(one for suggested, one in told if suggested),
        passed_over=tuple(sorted(passed, key=lambda one: (not one.choosable, one.code, one.name))),
        unfilled=gap.places if gap else 0,
        code=gap.code if gap else "",
        values=gap.values if gap else {},
        allies=tuple(
            msgspec.structs.replace(one, name=allies[one.group])
            for one in msgspec.convert(gap.allies["items"] if gap else (), list[AllyCount])
            if one.group in allies
        ),
    )
