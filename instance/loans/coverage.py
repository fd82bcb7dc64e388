"""What lending would leave a group with, from what members share and its own jobs: no names."""

from __future__ import annotations

from datetime import datetime

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.loans.models import AskState, Side
from instance.loans.reading import asks, lent_openings
from instance.loans.views import Coverage, PlaceView
from instance.skills import service as skills


async def coverage(tx: Tx, group: Iri, opening: Iri) -> Coverage:
    """Return how many people a group has for an opening, its own or one it is asked for.

    Counted are members who share that they have the skill, or one of the occupation's, and are
    free for the whole time; own places at the same time count whether filled or not, because who
    fills them is not free.
    Raises NotFound for an opening that the group has nothing to do with.
    """
    for one in await asks(tx, group, Side.LENDER, tuple(AskState)):
        for place in one.places:
            if place.opening == opening:
                return (await coverage_of(tx, group, [place]))[opening]
    job, shift, place_of = await jobs.opening(tx, opening)
    if job.group != group:
        raise NotFound
    wanted = PlaceView(
        opening, 0, place_of.skill, place_of.level, (), (), shift.start, shift.end, shift.timezone
    )
    return (await coverage_of(tx, group, [wanted]))[opening]


async def coverage_of(tx: Tx, group: Iri, places: list[PlaceView]) -> dict[Iri, Coverage]:
    """Return the same for many openings at once."""
    shares = await groups.shares(tx, group)
    own = [
        (shift, opening)
        for job in await jobs.jobs(tx, group, tx.now)
        for shift in job.standing
        for opening in shift.openings
    ]
    lent = await lent_openings(tx, group)
    found = {}
    for place in places:
        span = (place.start, place.end)
        found[place.opening] = Coverage(
            opening=place.opening,
            free=sum(_could(one, place) for one in shares),
            needed=sum(
                opening.count
                for shift, opening in own
                if opening.skill == place.skill
                and opening.iri != place.opening
                and _overlap(span, (shift.start, shift.end))
            ),
            lent=sum(
                one.places
                for one in lent
                if one.skill == place.skill and _overlap(span, (one.start, one.end))
            ),
        )
    return found


def _could(share: groups.MemberShare, place: PlaceView) -> bool:
    fitting = {place.skill, *(one.key for one in skills.vocabulary().skills_of(place.skill))}
    able = any(key in fitting and level >= place.level for key, level in share.skills)
    return able and any(start <= place.start and place.end <= end for start, end in share.windows)


def _overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
