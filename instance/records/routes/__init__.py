"""The pages of hours: a worker's own record, and what a group's leaders confirm and pay."""

from __future__ import annotations

import re
from datetime import date, time
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from federation import Iri
from instance.csvfile import csv_response
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.language import N_
from instance.paging import page_of
from instance.records import service
from instance.records.routes import doors
from instance.records.views import HoursOfGroup, MyRecord, PayLine
from instance.web import CSV, Routes, done, read, reading, respond, transaction, viewer

PERIOD = {
    "group": "The last part of the group's id; without it, the first one leads",
    "first": "The first day, such as 2027-01-31",
    "last": "The last day",
}

routes = Routes("records")
routes.operations.extend(doors.routes.operations)

LEAD = "group:<id>:lead"
_ID = "{id:[a-z0-9]{20}}"
_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


class HoursForm(msgspec.Struct):
    """Hours as they are entered: clock times such as 08:00, the break in minutes."""

    start: str
    end: str
    break_minutes: int = 0
    words: str = ""


class WordsForm(msgspec.Struct):
    """Her side, in a sentence."""

    words: str = ""


class CorrectionForm(msgspec.Struct):
    """What the group says instead: hours and minutes, and why."""

    hours: int = 0
    minutes: int = 0
    words: str = ""


@routes.get(
    "/record",
    "Show my work record",
    view=MyRecord,
    scope="self",
    lists={
        "to_enter": N_("Hours to enter"),
        "waiting": N_("Hours that wait"),
        "confirmed": N_("Hours that count"),
        "weeks": N_("Hours by week"),
        "groups": N_("Hours by group"),
    },
    paged="confirmed",
)
async def show_mine(request: web.Request) -> web.Response:
    """Show the viewer's hours: to enter, waiting, confirmed."""
    async with reading(request) as tx:
        view = await service.my_record(tx, viewer(request), page_of(request.query))
    return respond(request, "records/mine.html", view)


@routes.post(
    f"/record/shifts/{_ID}", "Enter my hours of a shift", form=HoursForm, page=show_mine, status=201
)
async def enter(request: web.Request) -> web.Response:
    """State the hours of a shift for the first time."""
    hours = _hours(await read(request, HoursForm))
    async with transaction(request) as tx:
        event = await service.enter(tx, viewer(request), request.match_info["id"], hours)
    said = "Your hours are sent. The group confirms them."
    return done(request, "/record", {"event": event}, status=201, said=said)


@routes.post(f"/record/{_ID}/change", "Change my hours", form=HoursForm, page=show_mine)
async def change(request: web.Request) -> web.Response:
    """State hours anew that nobody has confirmed yet."""
    hours = _hours(await read(request, HoursForm))
    async with transaction(request) as tx:
        event = await service.change(tx, viewer(request), request.match_info["id"], hours)
    said = "Your hours are changed. The group confirms them."
    return done(request, "/record", {"event": event}, said=said)


@routes.post(f"/record/{_ID}/agree", "Agree with the group's hours", page=show_mine)
async def agree(request: web.Request) -> web.Response:
    """Take what the group says instead."""
    async with transaction(request) as tx:
        event = await service.agree(tx, viewer(request), request.match_info["id"])
    return done(request, "/record", {"event": event}, said="You agreed. These hours count now.")


@routes.post(f"/record/{_ID}/dispute", "Tell my side", form=WordsForm, page=show_mine)
async def dispute(request: web.Request) -> web.Response:
    """Tell her side: what both agree on counts at once, the rest stands open."""
    form = await read(request, WordsForm)
    async with transaction(request) as tx:
        events = await service.dispute(tx, viewer(request), request.match_info["id"], form.words)
    said = "Your side is told. What you both agree on counts at once."
    return done(request, "/record", {"events": events}, said=said)


@routes.post(f"/record/{_ID}/let-go", "Take back what stands open", page=show_mine)
async def let_go(request: web.Request) -> web.Response:
    """Take back the part that stands open."""
    async with transaction(request) as tx:
        await service.let_go(tx, viewer(request), request.match_info["id"])
    return done(request, "/record", said="The open part is taken back.")


@routes.get(
    "/hours",
    "Show the hours of a group I lead",
    view=HoursOfGroup,
    scope=LEAD,
    query=PERIOD,
    lists={
        "to_confirm": N_("Hours to confirm"),
        "corrected": N_("Hours that were corrected"),
        "disputed": N_("Hours in dispute"),
        "confirmed": N_("Hours that count"),
        "lent": N_("Hours of people lent out"),
    },
)
async def show_hours(request: web.Request) -> web.Response:
    """Show a leader what waits, what is open between two statements, and what counts."""
    async with reading(request) as tx:
        group = await _group(tx, request)
        first, last = _day(request, "first"), _day(request, "last")
        view = await service.hours_of_group(tx, viewer(request), group, first, last)
    return respond(request, "records/hours.html", view)


@routes.post(f"/hours/{_ID}/confirm", "Confirm hours", scope=LEAD, page=show_hours)
async def confirm(request: web.Request) -> web.Response:
    """Let stated hours count."""
    async with transaction(request) as tx:
        await service.confirm(tx, viewer(request), request.match_info["id"])
    return done(request, _back(request), said="Confirmed. The hours count now.")


@routes.post(
    f"/hours/{_ID}/correct",
    "State other hours",
    form=CorrectionForm,
    scope=LEAD,
    page=show_hours,
)
async def correct(request: web.Request) -> web.Response:
    """Say other hours than stated, and why."""
    form = await read(request, CorrectionForm)
    if form.hours < 0 or not 0 <= form.minutes < 60:
        raise Invalid("Please write hours and minutes, such as 3 and 30.", field="hours")
    minutes = form.hours * 60 + form.minutes
    async with transaction(request) as tx:
        await service.correct(tx, viewer(request), request.match_info["id"], minutes, form.words)
    return done(request, _back(request), said="She is asked whether she agrees.")


@routes.get(
    "/hours.csv",
    "Download what counts, and what is disputed, in a period",
    scope=LEAD,
    query=PERIOD,
    media=CSV,
)
async def download(request: web.Request) -> web.Response:
    """Answer the confirmed hours of a period as CSV, one line for each statement."""
    async with reading(request) as tx:
        group = await _group(tx, request)
        first, last = _day(request, "first"), _day(request, "last")
        rows = await service.pay_lines(tx, viewer(request), group, first, last)
    return csv_response("hours.csv", _COLUMNS, [_line(one) for one in rows])


_PARTS = ("insurance", "levy", "fund")
_COLUMNS = (
    "name address date start end break_minutes minutes hours disputed_minutes pay_per_hour "
    "currency pay disputed_pay insurance levy fund price job worked_for lent_by confirmed_at event"
).split()


def _line(line: PayLine) -> tuple[object, ...]:
    """Write a line; what is disputed stands in columns of its own and is not to be paid yet."""
    row = line.row
    counts, disputed = (0, row.minutes) if line.disputed else (row.minutes, 0)
    paid, open_pay = (0, row.cents) if line.disputed else (row.cents, 0)
    split = {} if line.disputed else line.split
    zone = ZoneInfo(row.timezone)
    start, end = row.started.astimezone(zone), row.ended.astimezone(zone)
    return (
        row.person_name,
        row.person,
        start.date(),
        start.strftime("%H:%M"),
        end.strftime("%H:%M"),
        row.break_minutes,
        counts,
        f"{counts / 60:.2f}",
        disputed,
        f"{row.cents_per_hour / 100:.2f}",
        row.currency,
        f"{paid / 100:.2f}",
        f"{open_pay / 100:.2f}",
        *(f"{split[part] / 100:.2f}" if split else "" for part in _PARTS),
        f"{sum(split.values()) / 100:.2f}" if split else "",
        row.title,
        row.group_name,
        row.lender_name,
        row.answered,
        row.event,
    )


def _hours(form: HoursForm) -> service.Hours:
    return service.Hours(
        start=_clock(form.start, "start"),
        end=_clock(form.end, "end"),
        break_minutes=form.break_minutes,
        words=form.words,
    )


def _clock(text: str, field: str) -> time:
    if not _CLOCK.fullmatch(text.strip()):
        raise Invalid("Please write the time of day as in 08:00.", field=field)
    return time.fromisoformat(text.strip().zfill(5)).replace(second=0)


def _day(request: web.Request, name: str) -> date | None:
    text = request.query.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("Please write the day as in 2027-01-31.", field=name) from error


async def _group(tx: Tx, request: web.Request) -> Iri:
    """Return the group that is asked for, or else the first that the viewer leads."""
    led = await service.groups_led(tx, viewer(request))
    token = request.query.get("group", "")
    for group, _ in led:
        if token in {"", group.rpartition("/")[2]}:
            return group
    raise NotFound


def _back(request: web.Request) -> str:
    token = request.query.get("group", "")
    return f"/hours?group={token}" if token.isalnum() else "/hours"
