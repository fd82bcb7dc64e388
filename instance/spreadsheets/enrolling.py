"""People from a spreadsheet: accounts, groups, roles, and what each agreed to on paper."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec

from federation import Iri
from instance.consent import service as consent
from instance.db import Tx
from instance.groups import service as groups
from instance.network import service as network
from instance.people import service as people
from instance.skills.service import folded
from instance.spreadsheets.faults import Fault, Remark, _, shown
from instance.spreadsheets.rows import PersonRow, Reading
from instance.spreadsheets.views import Outcome, What
from instance.viewer import Viewer

# Column → what it is called among a person's own facts.
_OWN = {
    "name": "name",
    "email": "email",
    "phone": "phone",
    "skills": "skills",
    "certificates": "certificates",
    "languages": "languages",
    "weekly_hours": "weekly_minutes",
    "district": "district",
    "adult": "adult",
}
PAPER_HOLDS = timedelta(days=90)


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done for one row."""

    row: PersonRow
    person: people.PersonView | None
    changes: dict[str, Any]
    joins: tuple[Iri, ...]
    agrees: tuple[Iri, ...]
    roles: tuple[tuple[Iri, people.Role], ...]
    hers: bool

    @property
    def what(self) -> What:
        """What this comes to."""
        if self.person is None:
            return What.CREATED
        if self.changes or self.joins or self.agrees or self.roles:
            return What.CHANGED
        return What.KEPT if self.hers else What.UNCHANGED


class Enrolments(msgspec.Struct, frozen=True):
    """Everything a file of people comes to."""

    each: tuple[Enrolment, ...]
    faults: tuple[Fault, ...]
    remarks: tuple[Remark, ...]
    fields: frozenset[str]

    @property
    def new(self) -> int:
        """How many accounts are to be made."""
        return sum(one.person is None for one in self.each)

    def outcomes(self) -> tuple[Outcome, ...]:
        """Say it for people."""
        return tuple(
            Outcome(one.row.line, f"{one.row.name} ({one.row.handle})", one.what, _details(one))
            for one in self.each
        )


async def plan(tx: Tx, viewer: Viewer, group: Iri, reading: Reading[PersonRow]) -> Enrolments:
    """Compare a file with who is here; reads only. Every row that cannot be done is a fault."""
    known = {one.iri: one for one in await groups.groups(tx)}
    names = {folded(word): one.iri for one in known.values() for word in (one.name, one.username)}
    faults, remarks, each = list(reading.faults), list(reading.remarks), []
    for row in reading.rows:
        try:
            joined = _groups_of(row, group, names)
            for one in joined:
                await _check_leads(tx, viewer, row, known[one])
            each.append(await _enrolment(tx, viewer, row, joined))
            remarks += _remarks(each[-1])
        except _RowFault as wrong:
            faults.append(wrong.fault)
    fields = frozenset(consent.FIELDS) & reading.columns
    return Enrolments(tuple(each), tuple(faults), tuple(remarks), fields)


async def carry_out(tx: Tx, viewer: Viewer, plans: Enrolments) -> None:
    """Do what was planned, in the caller's one transaction. Keys have to lie ready."""
    for one in plans.each:
        person = one.person.iri if one.person else await people.add_person(tx, _new(one.row, tx))
        if one.person and one.changes:
            await people.change_person(tx, person, **one.changes)
        for group in one.joins:
            await groups.add_by_import(tx, viewer, group, person, plans.fields, one.row.agreed)
        for group in one.agrees:
            await _agree(tx, person, group, plans.fields)
        for group, role in one.roles:
            await people.grant(tx, person, group, role, viewer.person)


class _RowFault(Exception):
    def __init__(self, row: PersonRow, column: str, found: str, message: str, **more: Any) -> None:
        self.fault = Fault(row.line, column, shown(found), message, more)
        super().__init__(str(self.fault))


def _groups_of(row: PersonRow, group: Iri, names: dict[str, Iri]) -> tuple[Iri, ...]:
    found = []
    for word in row.groups:
        iri = names.get(folded(word))
        if iri is None:
            near = difflib.get_close_matches(folded(word)[:60], names, 1, 0.75)
            hint = _("there is no group '%(word)s' here; did you mean '%(near)s'?")
            plain = _("there is no group '%(word)s' here; add it first, or leave it out")
            values = {"word": shown(word), **({"near": near[0]} if near else {})}
            raise _RowFault(row, "groups", word, hint if near else plain, **values)
        found.append(iri)
    return tuple(dict.fromkeys(found)) or (group,)


async def _check_leads(tx: Tx, viewer: Viewer, row: PersonRow, group: groups.GroupView) -> None:
    if not await people.is_leader(tx, viewer.person, group.iri):
        message = _("only leaders of %(group)s can bring people into it; leave it out")
        raise _RowFault(row, "groups", group.username, message, group=group.name)
    if row.role == people.Role.ADMINISTRATOR and not await people.is_administrator(
        tx, viewer.person
    ):
        message = _("only an administrator can name another; write leader or member")
        raise _RowFault(row, "role", row.role, message)


async def _enrolment(tx: Tx, viewer: Viewer, row: PersonRow, joined: Sequence[Iri]) -> Enrolment:
    person = await people.person_named(tx, row.handle)
    if person is None:
        await _check_new(tx, row)
        roles = tuple((one, people.Role(row.role)) for one in joined if row.role != "member")
        return Enrolment(
            row=row,
            person=None,
            changes={},
            joins=tuple(joined),
            agrees=(),
            roles=roles,
            hers=False,
        )
    receipts = await consent.receipts(tx, person.iri)
    hers = person.has_password or any(one.is_hers for one in receipts)
    may_change = not hers and await _may_change(tx, viewer, person.iri)
    joins = [one for one in joined if not await groups.is_member(tx, one, person.iri)]
    if joins and not may_change:
        message = _("%(name)s has an account here that is not yours to add; send her an invitation")
        raise _RowFault(row, "handle", row.handle, message, name=row.handle)
    agrees = []
    if not person.has_password:
        agrees = [one for one in joined if one not in joins and _agrees(row, one, receipts)]
    return Enrolment(
        row=row,
        person=person,
        changes=_changes(row, person) if may_change else {},
        joins=tuple(joins),
        agrees=tuple(agrees),
        roles=await _roles(tx, row, person.iri, joined),
        hers=not may_change,
    )


async def _check_new(tx: Tx, row: PersonRow) -> None:
    if not row.email and not row.phone:
        message = _("there is no way to reach her; fill in e-mail or telephone")
        raise _RowFault(row, "phone", "", message)
    if await network.actor_named(tx, row.handle) is not None:
        message = _("the handle '%(word)s' is taken, or was once; choose another")
        raise _RowFault(row, "handle", row.handle, message, word=row.handle)
    if row.handle in network.RESERVED:
        message = _("the handle '%(word)s' cannot be had; choose another")
        raise _RowFault(row, "handle", row.handle, message, word=row.handle)


async def _may_change(tx: Tx, viewer: Viewer, person: Iri) -> bool:
    """Let leaders mend accounts nobody has taken over yet, and administrators those of leaders."""
    if await people.is_administrator(tx, viewer.person):
        return True
    leads = any(one.role is not people.Role.MEMBER for one in await people.rights_of(tx, person))
    return not leads and await people.leads_somebody(tx, viewer, person) is not None


async def _roles(
    tx: Tx, row: PersonRow, person: Iri, joined: Sequence[Iri]
) -> tuple[tuple[Iri, people.Role], ...]:
    if row.role == people.Role.MEMBER:
        return ()
    held = {(one.group, one.role) for one in await people.rights_of(tx, person)}
    wanted = [(one, people.Role(row.role)) for one in joined]
    return tuple(one for one in wanted if one not in held)


def _agrees(row: PersonRow, group: Iri, receipts: Sequence[consent.Receipt]) -> bool:
    """Tell whether a paper counts: never over what she herself has ended since it was signed."""
    if row.agreed is None:
        return False
    past = [one for one in receipts if one.group == group]
    if not past or row.ticked:
        return not past
    last = max(min(one.until, one.ended or one.until) for one in past)
    return last < datetime.combine(row.agreed, time(), UTC)


def _changes(row: PersonRow, person: people.PersonView) -> dict[str, Any]:
    changes = {}
    unnamed = row.name == person.acct  # so a list calls whoever does not share her name
    for column, fact in _OWN.items():
        if column == "name" and unnamed:
            continue
        value = getattr(row, fact)
        there = getattr(person, fact)
        same = sorted(value) == sorted(there) if isinstance(value, tuple) else value == there
        if column in row.given and not same:
            changes[fact] = value
    return changes


def _new(row: PersonRow, tx: Tx) -> people.NewPerson:
    return people.NewPerson(
        username=row.handle,
        name=row.name,
        language=tx.settings.language,
        email=row.email,
        phone=row.phone,
        adult=bool(row.adult),
        weekly_minutes=2400 if row.weekly_minutes is None else row.weekly_minutes,
        district=row.district,
        skills=row.skills,
        certificates=row.certificates,
        languages=row.languages,
    )


async def _agree(tx: Tx, person: Iri, group: Iri, fields: frozenset[str]) -> None:
    found = await groups.require_group(tx, group)
    await consent.agree(
        tx,
        person,
        group,
        fields,
        tx.now + PAPER_HOLDS,
        consent.Source.PAPER,
        group_name=found.name,
        days=found.asked_days,
    )


def _remarks(one: Enrolment) -> list[Remark]:
    row, found = one.row, []
    if one.person is not None:
        return []
    values = {"name": row.name}
    if row.agreed is None:
        message = _(
            "%(name)s has not agreed on paper: she gets an account, and until she agrees "
            "nobody plans with her."
        )
        found.append(Remark(row.line, message, values))
    if row.adult is None:
        message = _(
            "Whether %(name)s is of age is not stated: until it is, she is not planned for."
        )
        found.append(Remark(row.line, message, values))
    return found


def _details(one: Enrolment) -> tuple[str, ...]:
    if one.person is None:
        return ()
    found = list(one.changes)
    found += ["groups"] if one.joins else []
    found += ["agreed_on_paper"] if one.agrees else []
    return tuple(found + (["role"] if one.roles else []))
