"""The openings a group has to fill: its own, and those it promised an ally to fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.jobs import service as jobs
from instance.loans import service as loans
from instance.split import Split
from instance.staffing.lent import PromisedAt, promises_at

MOST_JOBS = 5_000
"""So many jobs of a stretch of time are filled together: a week of the largest co-op."""


class OpeningToFill(msgspec.Struct, frozen=True, kw_only=True):
    """Places that one group is to fill: all in one value, whoever's opening it is.

    `places` is how many are the group's to fill, without those that allies promised (`lent`, and
    by whom: `promises`), and with those for which one of its own people is being confirmed
    instead; `receiver` is the group whose job it is; `agreement` names the loan when that is an
    ally. Skill, certificates, languages and district are keys; pay is in the smallest unit per
    hour.
    """

    opening: Iri
    group: Iri
    receiver: Iri
    job: Iri
    title: str
    start: datetime
    end: datetime
    timezone: str
    places: int
    skill: str
    level: int
    certificates: tuple[str, ...]
    languages: tuple[str, ...]
    district: str
    break_minutes: int
    pay_cents_per_hour: int
    currency: str
    agreement: Iri | None = None
    wanted: int = 0
    lent: int = 0
    promises: tuple[PromisedAt, ...] = ()
    receiver_name: str = ""
    lot_seed: str = ""
    split: Split = ()

    def looking(self, agreement: str | None = None) -> int:
        """Count the places for which allies look, or the ally of one Agreement."""
        wanted = [one for one in self.promises if agreement in {None, one.agreement}]
        return sum(one.looking for one in wanted)

    @property
    def minutes(self) -> int:
        """The work that is paid: the shift without its break."""
        return int((self.end - self.start).total_seconds()) // 60 - self.break_minutes


async def opening(tx: Tx, iri: Iri, agreement: Iri | None = None) -> OpeningToFill:
    """Return an opening to fill, our own or, with an `agreement`, an ally's; raise NotFound.

    One that was called off, or whose loan no longer stands, is not to be filled.
    """
    if agreement:
        return lent(await loans.lent_opening(tx, agreement, iri))
    job, shift, found = await jobs.opening(tx, iri)
    if shift.called_off or job.state is not jobs.JobState.OPEN:
        raise NotFound
    return own(job, shift, found, (await promises_at(tx, [iri])).get(iri, ()))


Key = tuple[Iri, Iri | None]
"""An opening, and the Agreement by which it is filled for an ally."""


async def several(tx: Tx, keys: Iterable[Key]) -> dict[Key, OpeningToFill]:
    """Return openings to fill as `opening` does; those not to be filled any more are left out."""
    keys = set(keys)
    mine = {iri for iri, agreement in keys if agreement is None}
    promises = await promises_at(tx, mine)
    found: dict[Key, OpeningToFill] = {
        (iri, None): own(job, shift, one, promises.get(iri, ()))
        for iri, (job, shift, one) in (await jobs.openings(tx, mine)).items()
        if not shift.called_off and job.state is jobs.JobState.OPEN
    }
    for iri, agreement in keys - found.keys():
        if agreement is not None:  # an ally's: few at once
            found[iri, agreement] = lent(await loans.lent_opening(tx, agreement, iri))
    return found


async def openings_of(tx: Tx, job: jobs.JobView) -> Sequence[OpeningToFill]:
    """Return the openings of a job of ours that stand, in order of time."""
    pairs = [(shift, one) for shift in job.standing for one in shift.openings]
    promises = await promises_at(tx, [one.iri for _, one in pairs])
    return [own(job, shift, one, promises.get(one.iri, ())) for shift, one in pairs]


async def own_between(tx: Tx, group: Iri, start: datetime, end: datetime) -> list[OpeningToFill]:
    """Return the openings of a group's own jobs that begin in a stretch of time."""
    pairs = [
        (job, shift, one)
        for job in await jobs.jobs(tx, group, start, until=end, limit=MOST_JOBS)
        for shift in job.standing
        if start <= shift.start < end
        for one in shift.openings
    ]
    promises = await promises_at(tx, [one.iri for _, _, one in pairs])
    return [own(job, shift, one, promises.get(one.iri, ())) for job, shift, one in pairs]


def own(
    job: jobs.JobView,
    shift: jobs.ShiftView,
    found: jobs.OpeningView,
    promises: tuple[PromisedAt, ...],
) -> OpeningToFill:
    """Return an opening of the group's own, less the places that allies promised."""
    promised = sum(one.places - one.given for one in promises)
    return OpeningToFill(
        opening=found.iri,
        group=job.group,
        receiver=job.group,
        job=job.iri,
        title=job.title,
        start=shift.start,
        end=shift.end,
        timezone=shift.timezone,
        places=max(found.count - promised, 0),
        skill=found.skill,
        level=found.level,
        certificates=found.certificates,
        languages=found.languages,
        district=job.district,
        break_minutes=job.break_minutes,
        pay_cents_per_hour=job.pay_cents_per_hour,
        currency=job.currency,
        wanted=found.count,
        lent=promised,
        promises=promises,
        lot_seed=job.lot_seed,
        split=job.split,
    )


def lent(found: loans.LentOpening) -> OpeningToFill:
    """Return the places at an ally's opening that one of our groups promised."""
    return OpeningToFill(
        opening=found.opening,
        group=found.group,
        receiver=found.borrower,
        job=found.job,
        title=found.title,
        start=found.start,
        end=found.end,
        timezone=found.timezone,
        places=found.places,
        skill=found.skill,
        level=found.level,
        certificates=found.certificates,
        languages=found.languages,
        district=found.district,
        break_minutes=found.break_minutes,
        pay_cents_per_hour=found.pay_cents_per_hour,
        currency=found.currency,
        agreement=found.agreement,
        wanted=found.places,
        receiver_name=found.borrower_name,
        lot_seed=f"{found.agreement} {found.opening}",
    )
