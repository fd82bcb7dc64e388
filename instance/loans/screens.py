"""What the pages about asks and loans show at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import NotFound
from instance.jobs import service as jobs
from instance.ledger import service as ledger
from instance.loans import service
from instance.loans.models import LoanState, Side
from instance.loans.reading import asks_for, promised
from instance.loans.refusals import Refusal
from instance.loans.views import AskView, Coverage, LoanView, wanted
from instance.people import service as people
from instance.viewer import Viewer

LIVE = (LoanState.OFFERED, LoanState.STANDING)


class Standing(msgspec.Struct, frozen=True):
    """How two groups stand: the terms, the balance, and the minutes left in one direction."""

    terms: alliances.Terms | None
    balance: int
    limit: int
    minutes_left: int


class AskCard(msgspec.Struct, frozen=True):
    """An ally's ask with all that its leader weighs before she answers."""

    ask: AskView
    standing: Standing
    coverage: tuple[Coverage, ...]
    offered: tuple[LoanView, ...]


class Requests(msgspec.Struct, frozen=True):
    """What allies ask and offer, what was asked of them, and what is lent and borrowed."""

    asked_of_us: tuple[AskView, ...]
    offered_to_us: tuple[LoanView, ...]
    asked_by_us: tuple[AskView, ...]
    lent: tuple[LoanView, ...]
    borrowed: tuple[LoanView, ...]


class AllyChoice(msgspec.Struct, frozen=True):
    """An ally that could be asked: how we stand, and what it said of its people, if it did.

    A `silent` one did not answer when it was asked last.
    """

    ally: Iri
    name: str
    standing: Standing
    counts: tuple[alliances.Count, ...]
    as_of: datetime | None
    silent: bool


class AskPage(msgspec.Struct, frozen=True):
    """The page that asks allies for a job: whom to ask, for how many, what was asked.

    `wanted` is by how many places at each opening the form begins with.
    """

    job: jobs.JobView
    wanted: dict[str, int]
    promised: dict[str, int]
    allies: tuple[AllyChoice, ...]
    asked: tuple[AskView, ...]
    loans: tuple[LoanView, ...]
    until: datetime


class LoanPage(msgspec.Struct, frozen=True):
    """One loan, how the two groups stand, and whether its work has begun and is over.

    `why` says by which clause it was refused or ended and what can be done instead; `concerned`
    is whom its end would concern.
    """

    loan: LoanView
    standing: Standing
    begun: bool
    over: bool
    why: Refusal
    concerned: alliances.Concerned


async def requests(tx: Tx, asker: Viewer) -> Requests:
    """Return what the groups somebody leads are asked for, offer, lend and borrow."""
    found: dict[str, list[AskView | LoanView]] = {name: [] for name in Requests.__struct_fields__}
    for group in asker.leads:
        asked = await service.asks(tx, group, Side.LENDER)
        found["asked_of_us"] += [one for one in asked if one.open]
        mine = await service.asks(tx, group, Side.BORROWER)
        found["asked_by_us"] += [one for one in mine if one.open]
        borrowed = await service.loans(tx, group, Side.BORROWER, LIVE)
        found["offered_to_us"] += [one for one in borrowed if one.state is LoanState.OFFERED]
        found["borrowed"] += [one for one in borrowed if one.state is LoanState.STANDING]
        found["lent"] += await service.loans(tx, group, Side.LENDER, LIVE)
    return msgspec.convert({name: tuple(rows) for name, rows in found.items()}, Requests)


async def ask_page(tx: Tx, asker: Viewer, iri: Iri, query: Mapping[str, str]) -> AskPage:
    """Return whom a job could be asked of; raise Forbidden for who does not lead its group."""
    job = await jobs.require_job(tx, iri)
    await people.require_leader(tx, asker, job.group)
    openings = {one.iri: one.count for shift in job.standing for one in shift.openings}
    allies = await alliances.allies(tx, job.group)
    heard = await alliances.heard_from(tx, job.group, [one.ally for one in allies])
    choices = [
        AllyChoice(
            one.ally,
            one.name,
            await standing(tx, job.group, one.ally, "borrow"),
            heard[one.ally].counts,
            heard[one.ally].as_of,
            bool(heard[one.ally].failed),
        )
        for one in allies  # a handful
    ]
    first = min((shift.start for shift in job.standing), default=tx.now)
    lent = await service.loans_at(tx, openings, Side.BORROWER)
    asked = await asks_for(tx, job.iri)
    there = await promised(tx, openings)
    return AskPage(
        job=job,
        wanted=wanted(query, openings, there, asked),
        promised={str(key): number for key, number in there.items()},
        allies=tuple(choices),
        asked=tuple(asked),
        loans=tuple(lent),
        until=_soon(tx, first),
    )


def _soon(tx: Tx, first: datetime) -> datetime:
    """Return the moment to answer by that the form begins with, on the place's clock."""
    until = min(tx.now + timedelta(days=1), tx.now + (first - tx.now) / 2)
    return until.astimezone(ZoneInfo(tx.settings.timezone)).replace(second=0, microsecond=0)


async def standing(tx: Tx, group: Iri, ally: Iri, direction: str) -> Standing:
    """Return how two groups stand; `direction` is lend or borrow, as the group sees it."""
    balance = await ledger.balance(tx, group, ally)
    try:
        terms = await alliances.require_ally(tx, group, ally)
    except NotFound:
        return Standing(None, balance, 0, 0)
    limit = terms.minutes_limit_lend if direction == "lend" else terms.minutes_limit_borrow
    left = await service.minutes_left(tx, group, ally, direction)
    return Standing(terms, balance, limit, left)
