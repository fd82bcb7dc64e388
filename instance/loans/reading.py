"""Read asks and loans: what is promised, what is lent, and how many minutes are left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import NotFound
from instance.ledger import service as ledger
from instance.loans.models import Ask, AskPlace, AskState, Loan, LoanPlace, LoanState, Side
from instance.loans.views import AskView, LentOpening, LoanView, PlaceView, minutes_of

MOST_LISTED = 500
HOURS_ARE_DUE = timedelta(days=7)
"""How long after its end a place that nobody counted hours for still uses up the limit."""

STANDING = (LoanState.STANDING,)
WAITING = (AskState.OPEN,)


async def asks(
    tx: Tx, group: Iri, side: Side | str, states: Sequence[AskState] = WAITING
) -> list[AskView]:
    """List the asks that a group made (`borrower`) or received (`lender`), newest first."""
    chosen = (
        sa.select(Ask)
        .where(Ask.group == group, Ask.side == Side(side), Ask.state.in_(states))
        .order_by(Ask.asked.desc(), Ask.id)
        .limit(MOST_LISTED)
    )
    return await ask_views(tx, (await tx.session.scalars(chosen)).all())


async def asks_for(tx: Tx, job: Iri) -> list[AskView]:
    """List what was asked of allies for a job of ours, newest first."""
    chosen = (
        sa.select(Ask)
        .where(Ask.job == job, Ask.side == Side.BORROWER)
        .order_by(Ask.asked.desc(), Ask.id)
        .limit(MOST_LISTED)
    )
    return await ask_views(tx, (await tx.session.scalars(chosen)).all())


async def ask(tx: Tx, iri: str, side: Side | str) -> AskView:
    """Return an ask by its IRI; raise NotFound."""
    row = await ask_row(tx, iri, Side(side))
    if row is None:
        raise NotFound
    return (await ask_views(tx, [row]))[0]


async def loan(tx: Tx, iri: str, side: Side | str) -> LoanView:
    """Return a loan by its Offer or its Agreement; raise NotFound.

    Of several with one Agreement, as after places were taken back, the one that stands, else the
    newest.
    """
    row = await loan_row(tx, iri, Side(side))
    if row is None:
        raise NotFound
    return (await loan_views(tx, [row]))[0]


async def loans(
    tx: Tx, group: Iri, side: Side | str, states: Sequence[LoanState] = STANDING
) -> list[LoanView]:
    """List what a group borrowed (`borrower`) or lent (`lender`), newest first."""
    chosen = (
        sa.select(Loan)
        .where(Loan.group == group, Loan.side == Side(side), Loan.state.in_(states))
        .order_by(Loan.offered.desc(), Loan.id)
        .limit(MOST_LISTED)
    )
    return await loan_views(tx, (await tx.session.scalars(chosen)).all())


async def lends_to(tx: Tx, groups: Iterable[Iri], borrower: Iri) -> bool:
    """Tell whether one of these groups has ever lent, or offered to lend, to a borrower."""
    chosen = sa.select(Loan.id).where(
        Loan.group.in_(list(groups)), Loan.side == Side.LENDER, Loan.ally == borrower
    )
    return (await tx.session.execute(chosen.limit(1))).first() is not None


async def loans_at(tx: Tx, openings: Iterable[Iri], side: Side | str) -> list[LoanView]:
    """List the standing loans with places at any of these openings, oldest first."""
    named = sa.select(LoanPlace.loan_id).where(LoanPlace.opening.in_(list(openings)))
    chosen = (
        sa.select(Loan)
        .where(Loan.id.in_(named), Loan.side == Side(side), Loan.state == LoanState.STANDING)
        .order_by(Loan.accepted, Loan.id)
    )
    return await loan_views(tx, (await tx.session.scalars(chosen)).all())


async def promised_places(tx: Tx, opening: Iri) -> int:
    """Count the places at one of our openings that standing Agreements promise."""
    return (await promised(tx, [opening])).get(opening, 0)


async def promised(tx: Tx, openings: Iterable[Iri]) -> dict[Iri, int]:
    """Count the places that standing Agreements promise at each of our openings."""
    statement = (
        sa.select(LoanPlace.opening, sa.func.sum(LoanPlace.places))
        .join(Loan, Loan.id == LoanPlace.loan_id)
        .where(
            LoanPlace.opening.in_(list(openings)),
            Loan.side == Side.BORROWER,
            Loan.state == LoanState.STANDING,
        )
        .group_by(LoanPlace.opening)
    )
    return {Iri(opening): int(places) for opening, places in await tx.session.execute(statement)}


async def lent_openings(tx: Tx, group: Iri) -> list[LentOpening]:
    """List the places at allies' openings that a group of ours promised, by their start.

    Work that ended more than a week ago is left out.
    """
    views = [
        lent
        for one in await loans(tx, group, Side.LENDER)
        for lent in _lent(one)
        if lent.end > tx.now - HOURS_ARE_DUE
    ]
    return sorted(views, key=lambda one: (one.start, one.opening, one.agreement))


async def lent_opening(tx: Tx, agreement: Iri, opening: Iri) -> LentOpening:
    """Return the places of a standing Agreement at one opening, on the lender's side; NotFound."""
    found = await loan(tx, agreement, Side.LENDER)
    for lent in _lent(found) if found.state is LoanState.STANDING else ():
        if lent.opening == opening:
            return lent
    raise NotFound


async def minutes_left(
    tx: Tx, group: Iri, ally: Iri, direction: str, *, without: str | None = None
) -> int:
    """Return how many minutes the limit leaves to `lend` to an ally or to `borrow` from it.

    The limit, less the confirmed balance in that direction, less what standing Agreements
    promise (one of them may be left out by its row's id). Raises NotFound when they are no
    allies.
    """
    terms = await alliances.require_ally(tx, group, ally)
    owed = await ledger.balance(tx, group, ally)
    lending = direction == "lend"
    limit = terms.minutes_limit_lend if lending else terms.minutes_limit_borrow
    side = Side.LENDER if lending else Side.BORROWER
    return (
        limit
        - (owed if lending else -owed)
        - await _promised_minutes(tx, group, ally, side, without)
    )


async def ask_by_id(tx: Tx, identifier: str) -> AskView:
    """Return an ask by its row's id, as pages name it; raise NotFound."""
    row = await tx.get(Ask, identifier)
    if row is None:
        raise NotFound
    return (await ask_views(tx, [row]))[0]


async def loan_by_id(tx: Tx, identifier: str) -> LoanView:
    """Return a loan by its row's id, as pages name it; raise NotFound."""
    row = await tx.get(Loan, identifier)
    if row is None:
        raise NotFound
    return (await loan_views(tx, [row]))[0]


async def loans_of_ask(tx: Tx, ask_id: str) -> list[LoanView]:
    """List the loans that answer an ask, newest first."""
    chosen = sa.select(Loan).where(Loan.ask_id == ask_id).order_by(Loan.offered.desc(), Loan.id)
    return await loan_views(tx, (await tx.session.scalars(chosen)).all())


# For this feature's own files ------------------------------------------------------------------


async def ask_row(tx: Tx, iri: str, side: Side, *, lock: bool = False) -> Ask | None:
    """Return an ask's row by its IRI."""
    chosen = sa.select(Ask).where(Ask.iri == iri, Ask.side == side)
    return (await tx.session.scalars(chosen.with_for_update() if lock else chosen)).first()


async def loan_row(tx: Tx, iri: str, side: Side, *, lock: bool = False) -> Loan | None:
    """Return a loan's row by its Offer, or the standing or newest one of an Agreement."""
    chosen = (
        sa.select(Loan)
        .where(Loan.side == side, sa.or_(Loan.offer == iri, Loan.agreement == iri))
        .order_by((Loan.state == LoanState.STANDING).desc(), Loan.offered.desc())
        .limit(1)
    )
    return (await tx.session.scalars(chosen.with_for_update() if lock else chosen)).first()


async def loan_places(tx: Tx, loan_id: str) -> dict[Iri, LoanPlace]:
    """Return a loan's rows of places by opening."""
    chosen = sa.select(LoanPlace).where(LoanPlace.loan_id == loan_id).order_by(LoanPlace.opening)
    return {Iri(row.opening): row for row in (await tx.session.scalars(chosen)).all()}


async def ask_views(tx: Tx, rows: Sequence[Ask]) -> list[AskView]:
    """Return asks with their places, in the order of their rows."""
    if not rows:
        return []
    wanted = [row.id for row in rows]
    places, answered = await _ask_places(tx, wanted), await _answered(tx, wanted)
    return [_ask_view(tx, row, places.get(row.id, ()), answered) for row in rows]


async def loan_views(tx: Tx, rows: Sequence[Loan]) -> list[LoanView]:
    """Return loans with their asks and places, in the order of their rows."""
    if not rows:
        return []
    wanted = sa.select(Ask).where(Ask.id.in_({row.ask_id for row in rows}))
    asked = await ask_views(tx, (await tx.session.scalars(wanted)).all())
    by_id = {one.id: one for one in asked}
    places: dict[str, list[LoanPlace]] = {}
    chosen = (
        sa.select(LoanPlace)
        .where(LoanPlace.loan_id.in_([row.id for row in rows]))
        .order_by(LoanPlace.starts, LoanPlace.opening)
    )
    for place in (await tx.session.scalars(chosen)).all():
        places.setdefault(place.loan_id, []).append(place)
    return [_loan_view(row, by_id[row.ask_id], places.get(row.id, ())) for row in rows]


async def _promised_minutes(tx: Tx, group: Iri, ally: Iri, side: Side, without: str | None) -> int:
    statement = (
        sa.select(LoanPlace, Ask.break_minutes)
        .join(Loan, Loan.id == LoanPlace.loan_id)
        .join(Ask, Ask.id == Loan.ask_id)
        .where(
            Loan.group == group,
            Loan.ally == ally,
            Loan.side == side,
            Loan.state == LoanState.STANDING,
            LoanPlace.ends > tx.now - HOURS_ARE_DUE,
        )
    )
    if without:
        statement = statement.where(Loan.id != without)
    return sum(
        minutes_of(place.starts, place.ends, pause, max(place.places - place.worked, 0))
        for place, pause in await tx.session.execute(statement)
    )


async def _ask_places(tx: Tx, wanted: Sequence[str]) -> Mapping[str, Sequence[PlaceView]]:
    chosen = (
        sa.select(AskPlace)
        .where(AskPlace.ask_id.in_(wanted))
        .order_by(AskPlace.starts, AskPlace.opening)
    )
    found: dict[str, list[PlaceView]] = {}
    for row in (await tx.session.scalars(chosen)).all():
        found.setdefault(row.ask_id, []).append(
            PlaceView(
                opening=Iri(row.opening),
                places=row.places,
                skill=row.skill,
                level=row.level,
                certificates=tuple(row.certificates),
                languages=tuple(row.languages),
                start=row.starts,
                end=row.ends,
                timezone=row.timezone,
            )
        )
    return found


async def _answered(tx: Tx, wanted: Sequence[str]) -> Mapping[tuple[str, str], int]:
    """Count the places that standing loans, or offers under way, answer asks with."""
    live = (LoanState.OFFERED, LoanState.STANDING)
    chosen = (
        sa.select(Loan.ask_id, LoanPlace.opening, sa.func.sum(LoanPlace.places))
        .join(LoanPlace, LoanPlace.loan_id == Loan.id)
        .where(Loan.ask_id.in_(wanted), Loan.state.in_(live))
        .group_by(Loan.ask_id, LoanPlace.opening)
    )
    found = await tx.session.execute(chosen)
    return {(ask, opening): int(places) for ask, opening, places in found}


def _ask_view(
    tx: Tx, row: Ask, places: Sequence[PlaceView], answered: Mapping[tuple[str, str], int]
) -> AskView:
    return AskView(
        id=row.id,
        iri=Iri(row.iri),
        side=row.side,
        group=Iri(row.group),
        ally=Iri(row.ally),
        ally_name=row.ally_name,
        state=row.state,
        lapsed=row.until <= tx.now,
        job=Iri(row.job),
        job_updated=row.job_updated,
        title=row.title,
        district=row.district,
        break_minutes=row.break_minutes,
        rate_cents_per_hour=row.rate_cents_per_hour,
        currency=row.currency,
        levy_percent=row.levy_percent,
        asked=row.asked,
        until=row.until,
        places=tuple(places),
        left=tuple(max(one.places - answered.get((row.id, one.opening), 0), 0) for one in places),
    )


def _loan_view(row: Loan, asked: AskView, places: Sequence[LoanPlace]) -> LoanView:
    return LoanView(
        id=row.id,
        offer=Iri(row.offer),
        side=row.side,
        group=Iri(row.group),
        ally=Iri(row.ally),
        ally_name=row.ally_name,
        state=row.state,
        agreement=Iri(row.agreement) if row.agreement else None,
        ask=asked,
        places=tuple(_place_view(one, asked) for one in places),
        offered=row.offered,
        accepted=row.accepted,
        ended=row.ended,
        replaces=Iri(row.replaces) if row.replaces else None,
        code=row.code,
        reason=row.reason,
    )


def _place_view(row: LoanPlace, asked: AskView) -> PlaceView:
    needs = next(one for one in asked.places if one.opening == row.opening)
    return PlaceView(
        opening=needs.opening,
        places=row.places,
        skill=needs.skill,
        level=needs.level,
        certificates=needs.certificates,
        languages=needs.languages,
        start=row.starts,
        end=row.ends,
        timezone=needs.timezone,
    )


def _lent(found: LoanView) -> list[LentOpening]:
    assert found.agreement, "a standing loan has an agreement"
    return [
        LentOpening(
            agreement=found.agreement,
            loan=found.offer,
            group=found.group,
            borrower=found.ally,
            borrower_name=found.ally_name,
            job=found.ask.job,
            title=found.ask.title,
            district=found.ask.district,
            opening=one.opening,
            places=one.places,
            skill=one.skill,
            level=one.level,
            certificates=one.certificates,
            languages=one.languages,
            start=one.start,
            end=one.end,
            timezone=one.timezone,
            break_minutes=found.ask.break_minutes,
            pay_cents_per_hour=found.ask.rate_cents_per_hour,
            currency=found.ask.currency,
            levy_percent=found.ask.levy_percent,
        )
        for one in found.places
        if one.places
    ]
