"""Members brought in from a co-op's own lists, with their consent on paper or without any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from federation import Iri
from instance.consent import service as consent
from instance.db import Tx
from instance.errors import Invalid
from instance.groups.belonging import begin
from instance.groups.founding import require_group
from instance.groups.membership import add_member
from instance.groups.views import GroupView
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

PAPER_HOLDS = timedelta(days=90)


async def add_by_import(
    tx: Tx,
    viewer: Viewer,
    group: Iri,
    person: Iri,
    fields: Iterable[str],
    agreed_on_paper: date | None,
) -> None:
    """Make somebody with an account here a member at once, from the co-op's own list.

    `fields` are exactly those in the list. With the day on which she agreed on paper they are
    shared for 90 days from now, until she has kept or ended that; without it nothing is shared
    and the matcher does not see her. Raises NotFound, and Invalid for a day to come or one longer
    ago than a year.
    """
    await people.require_leader(tx, viewer, group)
    await people.require_person(tx, person)
    if agreed_on_paper is not None:
        _check(tx, agreed_on_paper)
    chosen = sorted(set(fields)) if agreed_on_paper else []
    if await add_member(tx, group, person, chosen) is None:
        return
    found = await require_group(tx, group)
    await transparency.note(
        tx,
        "groups.imported",
        by=viewer.person,
        group=group,
        about=person,
        text="Somebody was added from the group's own list.",
        agreed_on_paper=agreed_on_paper is not None,
    )
    await begin(tx, person, group, name=found.name, handle=found.handle)
    if chosen:
        await _agree(tx, person, found, chosen)


async def _agree(tx: Tx, person: Iri, group: GroupView, chosen: Sequence[str]) -> None:
    asked = {one.field: one for one in group.asked}
    await consent.agree(
        tx,
        person,
        group.iri,
        chosen,
        tx.now + PAPER_HOLDS,
        consent.Source.PAPER,
        group_name=group.name,
        asked=[asked.get(one, consent.Asked(one)) for one in chosen],
        days=group.asked_days,
    )


def _check(tx: Tx, day: date) -> None:
    agreed = datetime.combine(day, time(), UTC)
    if agreed > tx.now + timedelta(days=1) or agreed < tx.now - timedelta(days=366):
        raise Invalid("Say on which day of the last year she agreed.", field="agreed_on_paper")
