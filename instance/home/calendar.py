"""A worker's calendar as a file that other programs read again and again (RFC 5545).

It says when and for whom she works and what she earns. Who is worked for, and behind which door, it
does not: calendars live with companies.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from instance.agenda import service as agenda
from instance.db import Tx
from instance.errors import NotFound
from instance.language import N_, Writer, translate
from instance.people import service as people
from instance.records import service as records
from instance.skills import service as skills

if TYPE_CHECKING:
    from icalendar import Event

BEHIND = timedelta(weeks=4)
AHEAD = timedelta(weeks=52)
EVERY = timedelta(minutes=15)
"""How often programs are asked to read it again."""


async def calendar(tx: Tx, held: str) -> tuple[bytes, bool]:
    """Write the calendar that stands at a secret address; raises NotFound.

    Also tells whether `people.touch` should note that it was read.
    """
    from icalendar import Calendar

    person, stale = await people.person_of_calendar(tx, held)
    if person is None:
        raise NotFound
    language = (await people.require_person(tx, person)).language
    promised = await agenda.promises(tx, person, tx.now - BEHIND, tx.now + AHEAD)
    lent = {one.receiver for one in promised} | {one.group for one in promised}
    names = await records.group_names(tx, lent)
    found = Calendar.new(
        name=translate(language, N_("My shifts")),
        prodid="-//Ayni//Ayni//EN",
        uid=person,
        refresh_interval=EVERY,
        subcomponents=[_event(tx, one, names, language) for one in promised],
    )
    first, last = (tx.now + span for span in (-BEHIND, AHEAD))
    found.add_missing_timezones(first.date(), last.date())
    return bytes(found.to_ical()), stale


def _event(tx: Tx, one: agenda.PromiseView, names: dict[str, str], language: str) -> Event:
    from icalendar import Event
    from icalendar.enums import STATUS

    zone, link = ZoneInfo(one.timezone), f"{tx.origin}/invitations/{one.id}"
    held = one.state is agenda.PromiseState.HELD
    title = translate(language, N_("%(title)s (not confirmed yet)"), title=one.title)
    return Event.new(
        uid=f"{one.id}@{tx.origin.partition('://')[2]}",
        stamp=one.changed,
        last_modified=one.changed,
        start=one.start.astimezone(zone),
        end=one.end.astimezone(zone),
        summary=title if held else one.title,
        status=STATUS.TENTATIVE if held else STATUS.CONFIRMED,
        location=skills.places().label(one.district, language) if one.district else None,
        description="\n".join([*_lines(one, names, language), link]),
        url=link,
    )


def _lines(one: agenda.PromiseView, names: dict[str, str], language: str) -> list[str]:
    writer = Writer(language, one.timezone, one.currency)
    pay = writer.money(records.pay_cents(one.minutes, one.pay_cents_per_hour), one.currency)
    group = one.group_name or names.get(one.group, "")
    lines = [translate(language, N_("For: %(group)s"), group=group)]
    if one.receiver != one.group:
        lent = N_("Lent to %(borrower)s; you stay with %(group)s.")
        borrower = names.get(one.receiver, "")
        lines = [translate(language, lent, borrower=borrower, group=group)]
    lines.append(
        translate(language, N_("Working time: %(minutes)s"), minutes=writer.hours(one.minutes))
    )
    lines.append(translate(language, N_("Pay: %(pay)s, all of it for you"), pay=pay))
    lines.append(translate(language, N_("Where exactly, and whom to call:")))
    return lines
