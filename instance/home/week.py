"""A worker's week: what she is asked, what she promised, and when she could work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from federation import Iri
from instance.agenda import service as agenda
from instance.consent import service as consent
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.groups import service as groups
from instance.home import painting
from instance.home.painting import DAY, Stretch
from instance.home.views import (
    DaysOff,
    DayView,
    InvitationView,
    TelephoneDesk,
    WeekView,
    WorkerOnTelephone,
)
from instance.jobs import service as jobs
from instance.people import service as people
from instance.records import service as records
from instance.split import pay_parts
from instance.staffing import service as staffing
from instance.transparency import service as transparency
from instance.viewer import Viewer

TELEPHONE_AHEAD = timedelta(days=14)
"""So far ahead somebody who rings can take back what she promised."""

_SHOWN = (*agenda.TAKES_TIME, agenda.PromiseState.CALLED_OFF)


async def week(tx: Tx, viewer: Viewer, day: date | None = None) -> WeekView:
    """Return the week around a day, over all the viewer's groups."""
    painted = await agenda.painted(tx, viewer.person)
    zone = ZoneInfo(painted.timezone)
    today = tx.now.astimezone(zone).date()
    monday = monday_of(day or today)
    start, end = _moment(monday, zone), _moment(monday + timedelta(days=7), zone)
    asked, known = await agenda.week_of(tx, viewer.person, start, end, _SHOWN)
    promised = [one for one in known if one.takes_time or one.hold_until is not None]
    shown = await invitation_views(tx, [*asked, *promised])
    hours = _hours_of_week(painted, monday)
    mine = shown[len(asked) :]
    here = await records.here_among(tx, [one for one in promised if monday == monday_of(today)])
    return WeekView(
        monday=monday,
        previous=monday - timedelta(days=7),
        following=monday + timedelta(days=7),
        this_week=monday == monday_of(today),
        invitations=tuple(shown[: len(asked)]),
        days=tuple(_days(monday, today, hours, painted, mine, zone)),
        squares=tuple(sorted(painting.squares_of(hours, monday))),
        taken=_taken(monday, mine, zone),
        days_off=tuple(DaysOff(one.id, one.first, one.last) for one in painted.days_off),
        to_ring=await to_ring(tx, viewer),
        hours_to_enter=await records.count_to_enter(tx, viewer.person),
        unseen_sharing=len(await consent.waiting(tx, viewer.person)),
        groups=await groups.count_belongings(tx, viewer.person),
        here=here,
        minutes=await agenda.minutes_promised(tx, viewer.person, start, end),
    )


async def invitation(tx: Tx, viewer: Viewer, identifier: str) -> InvitationView:
    """Return one invitation or promise to the person it concerns, or to whom she named for it."""
    found = await agenda.promise_at(tx, identifier)
    if found.person != viewer.person and not await consent.may_answer_for(
        tx, viewer.person, found.person
    ):
        raise NotFound
    [view] = await invitation_views(tx, [found])
    wanted = await jobs.people_wanted(tx, Iri(found.opening), found.job) if view.answerable else 0
    return msgspec.structs.replace(view, people=wanted)


async def why(tx: Tx, viewer: Viewer, identifier: str) -> staffing.WhyView:
    """Return why the viewer was asked, if the group that asked is one of ours; raise NotFound."""
    found = await agenda.promise_at(tx, identifier)
    if found.person != viewer.person:
        raise NotFound
    return await staffing.why_of_invite(
        tx, viewer.person, found.invite, f"/invitations/{identifier}"
    )


async def to_ring(tx: Tx, viewer: Viewer) -> tuple[InvitationView, ...]:
    """List what people who let this viewer answer for them are asked, with their numbers."""
    persons = await people.people(tx, await consent.people_of_concierge(tx, viewer.person))
    found: list[InvitationView] = []
    for person in persons.values():  # a handful who cannot read a screen
        if not await consent.may_answer_for(tx, viewer.person, person.iri):
            continue
        asked = await invitation_views(tx, await agenda.invitations(tx, person.iri))
        named: dict[str, Any] = {
            "person": person.iri,
            "person_name": person.name,
            "phone": person.phone or "",
        }
        found += [msgspec.structs.replace(one, **named) for one in asked]
    return tuple(sorted(found, key=lambda one: one.reply_by))


async def answer(tx: Tx, viewer: Viewer, identifier: str, yes: bool) -> agenda.Answer:
    """Answer an invitation by its own id, as the person or as whom she named for it."""
    found = await agenda.promise_at(tx, identifier)
    given = await agenda.answer(tx, viewer, found.invite, yes)
    await _note_telephone(tx, viewer, found, "An answer was entered that was given by telephone.")
    return given


async def withdraw(tx: Tx, viewer: Viewer, identifier: str) -> None:
    """Take a promise back, as the person or as whom she named for it; no reason is asked."""
    found = await agenda.promise_at(tx, identifier)
    await agenda.withdraw(tx, viewer, found.invite)
    text = "A promise was taken back by telephone."
    await _note_telephone(tx, viewer, found, text)


async def _note_telephone(tx: Tx, viewer: Viewer, found: agenda.PromiseView, text: str) -> None:
    """Note who answered for somebody else; her group's log has it only where the group is ours."""
    if viewer.person != found.person:
        group = found.group if found.group.startswith(f"{tx.origin}/") else None
        await transparency.note(
            tx,
            "agenda.by_telephone",
            by=viewer.person,
            about=found.person,
            group=group,
            text=text,
        )


async def on_the_telephone(tx: Tx, viewer: Viewer) -> TelephoneDesk:
    """List those who let the viewer answer for them: what they are asked, and have promised.

    Raises NotFound for those who lead no group.
    """
    if not viewer.leads:
        raise NotFound
    asked = await to_ring(tx, viewer)
    persons = await people.people(tx, await consent.people_of_concierge(tx, viewer.person))
    until, found = tx.now + TELEPHONE_AHEAD, []
    for person in persons.values():  # a handful who cannot read a screen
        if await consent.may_answer_for(tx, viewer.person, person.iri):
            promised = await agenda.promises(tx, person.iri, tx.now, until)
            found.append(
                WorkerOnTelephone(
                    name=person.name,
                    phone=person.phone or "",
                    invitations=tuple(one for one in asked if one.person == person.iri),
                    promises=tuple(await invitation_views(tx, promised)),
                )
            )
    return TelephoneDesk(tuple(sorted(found, key=lambda one: one.name.casefold())))


async def paint(
    tx: Tx, viewer: Viewer, monday: date, squares: Collection[str], *, always: bool
) -> None:
    """Keep a painted week; with `always` every week is to be like it."""
    if monday.weekday():
        raise Invalid("A week begins on a Monday.", field="monday")
    painted = await agenda.painted(tx, viewer.person)
    before = _hours_of_week(painted, monday)
    after = painting.repainted(before, squares, monday)
    if always:
        weekly = [
            agenda.Hours(number, start, end)
            for number in range(7)
            for start, end in painting.day_hours(_wrapped(after), number)
        ]
        await agenda.paint_week(tx, viewer.person, weekly)
        for number in range(7):
            await agenda.paint_day(tx, viewer.person, monday + timedelta(days=number), None)
        return
    for number in range(8):
        hours = painting.day_hours(after, number)
        if hours != painting.day_hours(before, number):
            await agenda.paint_day(tx, viewer.person, monday + timedelta(days=number), hours)


async def copy_week(tx: Tx, viewer: Viewer, monday: date) -> None:
    """Paint a week like the one before it."""
    painted = await agenda.painted(tx, viewer.person)
    before = _hours_of_week(painted, monday - timedelta(days=7))
    for number in range(7):
        hours = painting.day_hours(before, number)
        await agenda.paint_day(tx, viewer.person, monday + timedelta(days=number), hours)


async def invitation_views(tx: Tx, found: Sequence[agenda.PromiseView]) -> list[InvitationView]:
    """Return invitations and promises as their person sees them."""
    lent = {one.receiver for one in found if one.receiver != one.group}
    unnamed = {one.group for one in found if not one.group_name}
    names = await records.group_names(tx, lent | unnamed)
    return [await _view(tx, one, names) for one in found]


async def _view(tx: Tx, one: agenda.PromiseView, names: dict[str, str]) -> InvitationView:
    older = await agenda.promise(tx, one.replaces) if one.replaces else None
    state = agenda.PromiseState
    return InvitationView(
        id=one.id,
        state=one.state.value.replace(" ", "_"),
        title=one.title,
        group_name=one.group_name or names.get(one.group, ""),
        borrower=names.get(one.receiver, "") if one.receiver != one.group else "",
        start=one.start,
        end=one.end,
        timezone=one.timezone,
        minutes=one.minutes,
        cents=records.pay_cents(one.minutes, one.pay_cents_per_hour),
        currency=one.currency,
        pay_split=pay_parts(one.pay_cents_per_hour, one.split),
        place=one.district,
        reply_by=one.reply_by,
        hold_until=one.hold_until,
        clashes=one.clashes,
        is_blocked=one.is_blocked,
        why=one.why,
        code=one.code,
        answerable=one.state is state.INVITED and one.reply_by > tx.now,
        may_withdraw=one.state in {state.HELD, state.CONFIRMED} and tx.now < one.start,
        over=one.end <= tx.now,
        job=one.job,
        changed=one.changed,
        why_page=f"/invitations/{one.id}/why" if one.group.startswith(f"{tx.origin}/") else "",
        old_start=older.start if older else None,
        old_end=older.end if older else None,
        **_details(one.details or {}),
    )


def _details(document: dict[str, Any]) -> dict[str, Any]:
    contact = document.get("contact")
    named = contact if isinstance(contact, dict) else {}
    found = {name: document.get(name) for name in ("address", "door", "customer", "bring")}
    found |= {"contact_name": named.get("name"), "contact_phone": named.get("phone")}
    return {name: one for name, one in found.items() if isinstance(one, str)}


# Days and hours ----------------------------------------------------------------------------------


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _moment(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _hours_of_week(painted: agenda.Painted, monday: date) -> list[Stretch]:
    """Return what is painted from a Monday to the end of the next Monday, days off apart."""
    weekly: dict[int, list[Stretch]] = defaultdict(list)
    for one in painted.week:
        weekly[one.weekday].append((one.start_minute, one.end_minute))
    differing = {one.day: list(one.hours) for one in painted.days}
    found: list[Stretch] = []
    for number in range(8):
        day = monday + timedelta(days=number)
        hours = differing.get(day, weekly[day.weekday()])
        found += [(number * DAY + start, number * DAY + end) for start, end in hours]
    return painting.merged(found)


def _wrapped(hours: Sequence[Stretch]) -> list[Stretch]:
    """Let the Sunday's night end on the Monday of a week that repeats itself."""
    inside = painting.without(hours, (painting.WEEK, painting.WEEK + DAY))
    over = [
        (start - painting.WEEK, end - painting.WEEK)
        for start, end in painting.without(hours, (0, painting.WEEK))
    ]
    tail = [(start, min(end, painting.PARTS["night"][1] - DAY)) for start, end in over]
    sunday_night = any(end == painting.WEEK for _, end in inside)
    return painting.merged([*inside, *(tail if sunday_night else [])])


def _days(
    monday: date,
    today: date,
    hours: Sequence[Stretch],
    painted: agenda.Painted,
    promised: Sequence[InvitationView],
    zone: ZoneInfo,
) -> list[DayView]:
    days = [monday + timedelta(days=number) for number in range(7)]
    return [
        DayView(
            day=day,
            today=day == today,
            past=day < today,
            off=any(one.first <= day <= one.last for one in painted.days_off),
            free=tuple(
                (_clock(start), _clock(end)) for start, end in painting.day_hours(hours, number)
            ),
            promises=tuple(one for one in promised if one.start.astimezone(zone).date() == day),
        )
        for number, day in enumerate(days)
    ]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _taken(monday: date, promised: Sequence[InvitationView], zone: ZoneInfo) -> dict[str, str]:
    """Say in each square what is promised there."""
    begin = _moment(monday, zone)
    found: dict[str, str] = {}
    for one in promised:
        if one.state == "called_off":
            continue
        start = int((one.start - begin).total_seconds()) // 60
        end = int((one.end - begin).total_seconds()) // 60
        for square in painting.squares_of([(start, end)], monday):
            found[square] = one.title
    return found
