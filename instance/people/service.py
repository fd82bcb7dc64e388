"""People with an account here, what they can do, and what they may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.language import LANGUAGES
from instance.network import service as network
from instance.people.attempts import take_few
from instance.people.calendars import (
    CalendarView,
    calendar,
    end_calendar,
    make_calendar,
    person_of_calendar,
)
from instance.people.events import PersonChanged
from instance.people.models import HeldCertificate, HeldLanguage, HeldSkill, Person, Role
from instance.people.reaching import Reader, leading_readers, readers
from instance.people.rights import (
    administrators,
    grant,
    is_administrator,
    is_leader,
    leaders_of,
    leads_somebody,
    require_administrator,
    require_leader,
    revoke,
    rights_of,
)
from instance.people.sessions import device_of, hash_of, living, touch
from instance.people.views import NewPerson, PersonView
from instance.skills import service as skills

__all__ = [
    "CalendarView",
    "NewPerson",
    "PersonView",
    "Reader",
    "Role",
    "add_person",
    "administrators",
    "calendar",
    "change_person",
    "device_of",
    "end_calendar",
    "grant",
    "hash_of",
    "is_administrator",
    "is_leader",
    "leaders_of",
    "leading_readers",
    "leads_somebody",
    "living",
    "make_calendar",
    "people",
    "person",
    "person_named",
    "person_of_calendar",
    "readers",
    "require_administrator",
    "require_leader",
    "require_person",
    "revoke",
    "rights_of",
    "take_few",
    "touch",
]

_PLAIN = {
    "name",
    "email",
    "phone",
    "language",
    "adult",
    "weekly_minutes",
    "district",
    "name_public",
}
_HELD = {"skills", "certificates", "languages"}
_TABLES: Mapping[str, type[HeldSkill | HeldCertificate | HeldLanguage]] = {
    "skills": HeldSkill,
    "certificates": HeldCertificate,
    "languages": HeldLanguage,
}
_WEEK = 7 * 24 * 60


async def add_person(tx: Tx, new: NewPerson) -> Iri:
    """Give somebody an account and an address here.

    Raises Invalid for a username, word, place or language nobody knows, Conflict for a username
    that was ever taken.
    """
    values = _checked({name: getattr(new, name) for name in _PLAIN | _HELD})
    iri = await network.create_actor(
        tx, network.ActorKind.PERSON, new.username, name=new.name if new.name_public else ""
    )
    plain = {name: values[name] for name in _PLAIN}
    await tx.session.flush()  # the actor's row has to stand before the one that refers to it
    tx.session.add(Person(iri=iri, joined=tx.now, password=None, **plain))
    await tx.session.flush()  # and the person's before what she holds
    for kind in _HELD:
        await _hold(tx, iri, kind, values[kind])
    return iri


async def is_empty(tx: Tx) -> bool:
    """Tell whether nobody at all has an account here: this instance was never begun."""
    return (await tx.session.execute(sa.select(Person.iri).limit(1))).first() is None


async def person(tx: Tx, iri: str) -> PersonView | None:
    """Return somebody whose home is here, or None."""
    return (await people(tx, [iri])).get(Iri(iri))


async def require_person(tx: Tx, iri: str) -> PersonView:
    """Return somebody whose home is here; raise NotFound."""
    found = await person(tx, iri)
    if found is None:
        raise NotFound
    return found


async def person_named(tx: Tx, username: str) -> PersonView | None:
    """Return somebody by her username, written in any way, or None."""
    actor = await network.actor_named(tx, username.strip().removeprefix("@").partition("@")[0])
    return await person(tx, actor.id) if actor and not actor.gone else None


async def people(tx: Tx, iris: Iterable[str]) -> dict[Iri, PersonView]:
    """Return those of these people whose home is here, in four queries however many there are."""
    wanted = sorted(set(iris))
    if not wanted:
        return {}
    names = await network.names_of(tx, wanted)
    rows = await tx.session.execute(sa.select(Person).where(Person.iri.in_(wanted)))
    held: dict[str, dict[str, list[Any]]] = {}
    for kind in _HELD:
        held[kind] = await _held(tx, kind, wanted)
    return {Iri(row.iri): _view(row, names[row.iri][0], held) for row in rows.scalars()}


async def change_person(tx: Tx, iri: Iri, **fields: Any) -> None:
    """Change some of what NewPerson holds, her username apart; emits PersonChanged.

    Raises NotFound, and Invalid for values nobody knows.
    """
    unknown = fields.keys() - _PLAIN - _HELD
    if unknown:
        raise TypeError(f"a person has no {', '.join(sorted(unknown))}")
    row = await tx.get(Person, iri)
    if row is None:
        raise NotFound
    values = _checked(fields)
    for name in values.keys() & _PLAIN:
        setattr(row, name, values[name])
    for kind in sorted(values.keys() & _HELD):
        await _hold(tx, iri, kind, values[kind])
    if values.keys() & {"name", "name_public"}:
        await network.change_actor(tx, iri, name=row.name if row.name_public else "")
    tx.emit(PersonChanged(iri))


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    for name in values.keys() & {"name", "email", "phone", "district"}:
        values[name] = (values[name] or "").strip() or None
    if "name" in values and not 0 < len(values["name"] or "") <= 200:
        raise Invalid("A name is needed, of at most 200 letters.", field="name")
    email = values.get("email")
    if email and (len(email) > 254 or " " in email or "@" not in email[1:-1]):
        raise Invalid("This is no e-mail address.", field="email")
    if len(values.get("phone") or "") > 40:
        raise Invalid("This is no telephone number.", field="phone")
    if values.get("language", "en") not in LANGUAGES:
        raise Invalid("This language is not spoken here yet.", field="language")
    if not 0 <= values.get("weekly_minutes", 0) <= _WEEK:
        raise Invalid("A week has 168 hours.", field="weekly_minutes")
    if values.get("district") and skills.places().place(values["district"]) is None:
        raise Invalid("Nobody knows the place %(name)s.", field="district", name=values["district"])
    _check_words("skill", "skills", [key for key, _ in values.get("skills", ())])
    _check_words("certificate", "certificates", [key for key, _ in values.get("certificates", ())])
    _check_words("language", "languages", values.get("languages", ()))
    if any(level not in {1, 2, 3} for _, level in values.get("skills", ())):
        raise Invalid("The level of a skill is 1, 2 or 3.", field="skills")
    return values


def _check_words(kind: str, field: str, keys: Sequence[str]) -> None:
    for key in keys:
        term = skills.vocabulary().term(key)
        if term is None or term.kind != kind:
            raise Invalid("Nobody knows the word %(name)s.", field=field, name=key)


def _view(row: Person, username: str, held: Mapping[str, Mapping[str, list[Any]]]) -> PersonView:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    for kind in _HELD:
        values[kind] = tuple(held[kind].get(row.iri, ()))
    return PersonView(
        iri=Iri(row.iri), username=username, has_password=row.password is not None, **values
    )


async def _hold(tx: Tx, iri: Iri, kind: str, values: Sequence[Any]) -> None:
    table = _TABLES[kind]
    await tx.session.execute(sa.delete(table).where(table.person == iri))
    if kind == "languages":
        rows = [{"person": iri, "key": key} for key in dict.fromkeys(values)]
    else:
        column = "level" if kind == "skills" else "expires"
        rows = [{"person": iri, "key": key, column: more} for key, more in dict(values).items()]
    if rows:
        await tx.session.execute(sa.insert(table), rows)


async def _held(tx: Tx, kind: str, wanted: Sequence[str]) -> dict[str, list[Any]]:
    table = _TABLES[kind]
    chosen = sa.select(table).where(table.person.in_(wanted)).order_by(table.key)
    found: dict[str, list[Any]] = {}
    row: Any
    for row in (await tx.session.execute(chosen)).scalars():
        found.setdefault(row.person, []).append(_held_value(row))
    return found


def _held_value(row: HeldSkill | HeldCertificate | HeldLanguage) -> Any:
    if isinstance(row, HeldSkill):
        return (row.key, row.level)
    return (row.key, row.expires) if isinstance(row, HeldCertificate) else row.key
