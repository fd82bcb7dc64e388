"""The groups whose home is here: making them, finding them, what they ask of members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.consent.service import FIELDS, Asked
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.groups.events import GroupCreated
from instance.groups.models import Group
from instance.groups.views import GroupView
from instance.network import service as network
from instance.people import service as people
from instance.skills import service as skills
from instance.viewer import Viewer

USUAL: tuple[Asked, ...] = (
    Asked("name", True),
    Asked("skills", True),
    Asked("certificates"),
    Asked("languages"),
    Asked("district"),
    Asked("weekly_hours"),
    Asked("availability", True),
    Asked("phone"),
)
USUAL_DAYS = 365


async def create_group(
    tx: Tx,
    username: str,
    name: str,
    *,
    first: bool = False,
    district: str | None = None,
    about: str = "",
    asked: Sequence[Asked] = USUAL,
    asked_days: int = USUAL_DAYS,
) -> Iri:
    """Found a group here; `first` is the co-op itself. `asked` is what members are asked to share.

    Raises Invalid or Conflict for a username that cannot be had, Invalid for fields nobody may
    ask for and for a district nobody knows.
    """
    _check(asked, asked_days)
    if district and skills.places().place(district) is None:
        raise Invalid("Nobody knows the place %(name)s.", field="district", name=district)
    iri = await network.create_actor(
        tx, network.ActorKind.GROUP, username, name=name, summary=about
    )
    await tx.session.flush()  # the actor's row has to stand before the one that refers to it
    tx.session.add(
        Group(
            iri=iri,
            first=first,
            district=district,
            about=about,
            asked={"fields": msgspec.to_builtins(list(asked))},
            asked_days=asked_days,
            made=tx.now,
        )
    )
    await tx.session.flush()  # memberships written next refer to it
    tx.emit(GroupCreated(iri))
    return iri


async def change_asked(
    tx: Tx, viewer: Viewer, group: Iri, asked: Sequence[Asked], asked_days: int
) -> None:
    """Change what a group asks of those who join from now on; others keep what they agreed."""
    await people.require_leader(tx, viewer, group)
    _check(asked, asked_days)
    row = await tx.get(Group, group)
    if row is None:
        raise NotFound
    row.asked = {"fields": msgspec.to_builtins(list(asked))}
    row.asked_days = asked_days


async def group(tx: Tx, iri: str) -> GroupView | None:
    """Return a group whose home is here, or None."""
    found = await _views(tx, sa.select(Group).where(Group.iri == iri))
    return found[0] if found else None


async def is_here(tx: Tx, iri: str) -> bool:
    """Tell whether this is a group whose home is here."""
    return await tx.get(Group, iri) is not None


async def require_group(tx: Tx, iri: str) -> GroupView:
    """Return a group whose home is here; raise NotFound."""
    found = await group(tx, iri)
    if found is None:
        raise NotFound
    return found


async def groups(tx: Tx) -> list[GroupView]:
    """List the groups whose home is here, the co-op itself first."""
    return await _views(tx, sa.select(Group).order_by(Group.first.desc(), Group.made, Group.iri))


async def _views(tx: Tx, chosen: sa.Select[Group]) -> list[GroupView]:
    rows = (await tx.session.execute(chosen)).scalars().all()
    names = await network.names_of(tx, [row.iri for row in rows])
    return [
        GroupView(
            iri=Iri(row.iri),
            username=names[row.iri][0],
            name=names[row.iri][1],
            about=row.about,
            first=row.first,
            district=row.district,
            asked=tuple(msgspec.convert(cast("list[Any]", row.asked["fields"]), list[Asked])),
            asked_days=row.asked_days,
        )
        for row in rows
    ]


def _check(asked: Sequence[Asked], days: int) -> None:
    for one in asked:
        if one.field not in FIELDS:
            raise Invalid("Nobody may ask for %(name)s.", field="asked", name=one.field)
    if not 1 <= days <= 3650:
        raise Invalid("Ask for a time between a day and ten years.", field="asked_days")
