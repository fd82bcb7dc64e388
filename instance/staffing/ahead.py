"""A group's coming weeks put as one question, from which gaps and fairness are read."""

from __future__ import annotations

from datetime import timedelta

from federation import Iri
from instance.consent import service as consent
from instance.db import Tx
from instance.people import service as people
from instance.staffing import openings
from instance.staffing.problem import Asking, Work, asking
from instance.viewer import Viewer

WEEKS = 4
"""So many weeks are looked ahead: homes share free hours for six."""

PATIENCE = 0.5
"""Seconds to wait before a page says that it is worked out: a small one is made then."""


async def coming(tx: Tx, viewer: Viewer, group: Iri, *, afresh: bool = False) -> Asking:
    """Load the question of a group's own places in the coming weeks; NotFound for all but leaders.

    `afresh` as in `problem.asking`. The lot is drawn from the group's own address: nobody is
    asked by it.
    """
    await people.require_leader(tx, viewer, group)
    until = tx.now + timedelta(weeks=WEEKS)
    work = Work(
        subject=Iri(f"{group}#coming"),
        group=group,
        title="",
        district="",
        seed=group,
        openings=tuple(await openings.own_between(tx, group, tx.now, until)),
    )
    return await asking(tx, work, afresh=afresh)


async def note_read(tx: Tx, viewer: Viewer, asked: Asking) -> None:
    """Note for members whose home is here that a leader had what they share looked through."""
    here = f"{tx.origin}/"
    read = {one: fields for one, fields in asked.read.items() if fields and one.startswith(here)}
    await consent.note_reads(tx, asked.work.group, viewer.person, read)
