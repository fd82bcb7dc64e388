"""What stands at openings already: who was asked, who said what, which places are taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

import matching
from federation import Iri
from instance.db import Tx
from instance.staffing.inviting import LEAST_NOTICE
from instance.staffing.models import Placement
from instance.staffing.openings import OpeningToFill
from instance.staffing.past import YES
from instance.staffing.placement import ASKED, TAKES_PLACE, PlacementState

SAID_NO = frozenset({PlacementState.DECLINED, PlacementState.DROPPED_OUT})


class Known(msgspec.Struct, frozen=True):
    """What is known of the openings of some work.

    `taken` places, by opening; the `latest` invitation by (person, opening); `latest` holds for
    each the one that still asks her, if one does.
    """

    taken: dict[Iri, int]
    latest: dict[tuple[str, str], Placement]


async def known(
    tx: Tx, group: Iri, openings: Iterable[OpeningToFill], agreement: Iri | None
) -> Known:
    """Read every invitation for these openings: the places said yes to, and each one's last."""
    chosen = (
        sa.select(Placement)
        .where(
            Placement.opening.in_([one.opening for one in openings]),
            Placement.agreement == (agreement or ""),
            Placement.group == group,
        )
        .order_by(Placement.invited, Placement.invite)
    )
    rows = (await tx.session.scalars(chosen)).all()
    yes: dict[Iri, dict[str, str | None]] = {}
    for row in rows:
        if row.state in YES:
            yes.setdefault(Iri(row.opening), {})[row.invite] = row.replaces
    # a placement and the one it replaces are one place
    taken = {
        opening: len({old if old in found else invite for invite, old in found.items()})
        for opening, found in yes.items()
    }
    last = sorted(rows, key=lambda row: row.state in ASKED)
    return Known(taken, {(row.person, row.opening): row for row in last})


def wanted_of(
    openings: Iterable[OpeningToFill], taken: Mapping[Iri, int], now: datetime
) -> list[OpeningToFill]:
    """List the openings that have places left, in time to ask somebody."""
    soon = now + LEAST_NOTICE
    return [one for one in openings if one.start > soon and one.places > taken.get(one.opening, 0)]


def placed(standing: Known) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """Return who has a place, by (person, opening), and from when to when."""
    return {
        key: (row.starts, row.ends)
        for key, row in standing.latest.items()
        if row.state in TAKES_PLACE
    }


State = tuple[matching.AskedState, str]


def asked_for(
    latest: Mapping[tuple[str, str], Placement], wanted: Sequence[OpeningToFill]
) -> dict[tuple[str, str], State]:
    """Say who was asked already, or said no, and with which word where pages know a better one.

    A no is for the hours it was said to: once the shift has moved, she may be asked.
    """
    hours = {one.opening: (one.start, one.end) for one in wanted}
    found: dict[tuple[str, str], State] = {}
    for key, row in latest.items():
        same = hours.get(Iri(row.opening)) == (row.starts, row.ends)
        if Iri(row.opening) not in hours:
            continue
        if row.state in ASKED:
            found[key] = ("invited", "")
        elif same and row.state in SAID_NO:
            found[key] = ("declined", "not_free" if row.code == "rule" else "")
        elif same and row.state is PlacementState.CALLED_OFF and row.code == "expired":
            found[key] = ("invited", "no_answer")
    return found
