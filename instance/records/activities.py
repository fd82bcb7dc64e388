"""Hours on the wire: an EconomicEvent by the worker, accepted or rejected by the group served."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from federation import Activity, Document, Forbidden, Iri, Malformed, TryLater
from instance import errors
from instance.db import Tx
from instance.records import service
from instance.records.entering import LONGEST_DAY, LONGEST_WORDS
from instance.records.events import (
    CheckedIn,
    CheckInAnswered,
    HoursAccepted,
    HoursRejected,
    HoursStated,
)
from instance.records.service import (
    Answer,
    Arrival,
    CheckInView,
    Code,
    RecordView,
    Side,
    Statement,
)
from instance.wire import envelope, instant, iri_in, minutes_of, moment_of, quantity

LONGEST_TITLE = 300
CLOCKS_DIFFER = timedelta(hours=1)
_DOOR_CODE = re.compile(r"[0-9]{6}")
_ZONES = frozenset(available_timezones())

# Reading -----------------------------------------------------------------------------------------


def read_hours(event: Document, person: Iri) -> Statement:
    """Read an EconomicEvent that a person states about her own work; raise Malformed."""
    if event.get("action") != "work":
        raise Malformed("Hours are stated as an EconomicEvent to work.")
    if iri_in(event, "provider") != person:
        raise Malformed("Hours are stated by whoever worked them.")
    started, ended = moment_of(event.get("hasBeginning")), moment_of(event.get("hasEnd"))
    minutes, pause = minutes_of(event.get("effortQuantity")), _minutes(event, "break")
    if not timedelta() < ended - started <= timedelta(minutes=LONGEST_DAY):
        raise Malformed("Work ends after it begins, within a day.")
    if not 0 <= minutes <= (ended - started) / timedelta(minutes=1):
        raise Malformed("Nobody works longer than from the beginning to the end.")
    zone = str(event.get("timezone"))
    return Statement(
        event=iri_in(event, "id"),
        person=person,
        group=iri_in(event, "receiver"),
        invite=iri_in(event, "inReplyTo"),
        commitment=iri_in(event, "fulfills"),
        agreement=iri_in(event, "inScopeOf") if "inScopeOf" in event else None,
        job=_text(event, "job", 2_000),
        opening=_text(event, "satisfies", 2_000),
        title=_text(event, "name", LONGEST_TITLE),
        timezone=zone if zone in _ZONES else "UTC",
        started=started,
        ended=ended,
        break_minutes=pause,
        minutes=minutes,
        code=_code(event),
        words=_text(event, "note", LONGEST_WORDS),
        replaces=iri_in(event, "replaces") if "replaces" in event else None,
    )


def hours_document(row: RecordView) -> dict[str, Any]:
    """Write stated hours as the EconomicEvent that others are told (Valueflows, FEP-3264)."""
    written: dict[str, Any] = {
        "id": row.event,
        "type": "EconomicEvent",
        "action": "work",
        "attributedTo": row.person,
        "provider": row.person,
        "receiver": row.group,
        "fulfills": row.commitment,
        "inReplyTo": row.invite,
        "name": row.title,
        "hasBeginning": instant(row.started),
        "hasEnd": instant(row.ended),
        "timezone": row.timezone,
        "break": quantity(row.break_minutes),
        "effortQuantity": quantity(row.minutes),
        "code": row.code.value,
    }
    more = {
        "inScopeOf": row.agreement,
        "job": row.job,
        "satisfies": row.opening,
        "note": row.words,
        "replaces": row.replaces,
    }
    return written | {name: value for name, value in more.items() if value}


def _code(event: Document) -> Code:
    try:
        return Code(str(event.get("code", Code.ENTERED)))
    except ValueError:
        return Code.ENTERED


def _text(document: Document, name: str, most: int) -> str:
    value = document.get(name, "")
    return value[:most] if isinstance(value, str) else ""


def _minutes(document: Document, name: str) -> int:
    return minutes_of(document[name]) if name in document else 0


# Receiving ---------------------------------------------------------------------------------------


async def receive_hours(tx: Tx, activity: Activity) -> None:
    """Keep hours that a person stated about a place of hers; wait while the place is unknown."""
    said = read_hours(activity.proven_object(), activity.actor)
    if said.started > tx.now + CLOCKS_DIFFER:
        raise Malformed("Hours are stated once the work has begun.")
    try:
        await service.record_hours(tx, said)
    except errors.NotFound as error:
        raise TryLater("Nothing is known here yet of the place these hours are about.") from error
    except errors.DomainError as error:
        raise Forbidden(str(error)) from error


async def receive_accept(tx: Tx, activity: Activity) -> None:
    """Let a group's Accept count, for the worker and for her lender."""
    await _hear(tx, activity, accepted=True)


async def receive_reject(tx: Tx, activity: Activity) -> None:
    """Keep which hours a group says instead, and its words."""
    await _hear(tx, activity, accepted=False)


async def _hear(tx: Tx, activity: Activity, *, accepted: bool) -> None:
    minutes, words = (None, "") if accepted else _correction(activity.document)
    here = f"{tx.origin}/groups/"
    answer = Answer(
        event=iri_in(activity.object, "id"),
        group=activity.actor,
        accepted=accepted,
        minutes=minutes,
        words=words,
        told=tuple(one for one in activity.addressees() if one.startswith(here)),
    )
    try:
        await service.hear_answer(tx, answer)
    except errors.DomainError as error:
        raise Forbidden("This answers no hours that are known here.") from error


def _correction(document: Document) -> tuple[int | None, str]:
    result = document.get("result")
    if not isinstance(result, Mapping):
        raise Malformed("A Reject of hours says which hours instead, in `result`.")
    minutes = minutes_of(result.get("effortQuantity"))
    if minutes > LONGEST_DAY:
        raise Malformed("Work ends within a day.")
    return minutes, _text(document, "content", LONGEST_WORDS)


def read_check_in(activity: Activity) -> Arrival:
    """Read that somebody came to her work; raise Malformed."""
    said = activity.proven_object()
    if iri_in(said, "attributedTo") != activity.actor:
        raise Malformed("Whoever came says so herself.")
    code = said.get("doorCode")
    if not isinstance(code, str) or not _DOOR_CODE.fullmatch(code):
        raise Malformed("The code at a door has six digits.")
    return Arrival(
        event=iri_in(said, "id"),
        person=activity.actor,
        group=iri_in(said, "receiver"),
        invite=iri_in(said, "inReplyTo"),
        code=code,
        arrived=moment_of(said.get("startTime")),
    )


async def receive_check_in(tx: Tx, activity: Activity) -> None:
    """Take that somebody came, or answer why not; wait while her place is unknown."""
    said = read_check_in(activity)
    try:
        await service.record_check_in(tx, said)
    except errors.NotFound as error:
        raise TryLater("Nothing is known here yet of the place she came to fill.") from error
    except errors.DomainError as error:
        raise Forbidden(str(error)) from error


async def receive_accepted_check_in(tx: Tx, activity: Activity) -> None:
    """Hear that a group took a check-in."""
    await _hear_check_in(tx, activity, "")


async def receive_rejected_check_in(tx: Tx, activity: Activity) -> None:
    """Hear why a group did not take a check-in."""
    code = activity.document.get("code")
    known = isinstance(code, str) and code in service.CHECK_IN_REASONS
    await _hear_check_in(tx, activity, str(code) if known else "wrong_code")


async def _hear_check_in(tx: Tx, activity: Activity, reason: str) -> None:
    try:
        await service.hear_check_in(tx, iri_in(activity.object, "id"), activity.actor, reason)
    except errors.DomainError as error:
        raise Forbidden(str(error)) from error


# Sending -----------------------------------------------------------------------------------------


async def send_hours(tx: Tx, happened: HoursStated) -> None:
    """Tell the group whose job it was, and the lender, what she states, with her own proof."""
    row = await service.record(tx, happened.event, Side.WORKER)
    to = [one for one in (row.group, row.lender) if one]
    create = envelope(tx, "Create", row.person, hours_document(row), to=to)
    create["id"] = row.event.partition("#")[0]
    await tx.send(create, conversation=row.invite)


async def send_accept(tx: Tx, happened: HoursAccepted) -> None:
    """Tell the worker and the lender that hours count."""
    row = await service.record(tx, happened.event, Side.GROUP)
    await _answer(tx, row, "Accept")


async def send_reject(tx: Tx, happened: HoursRejected) -> None:
    """Tell the worker and the lender which hours the group says instead, and why."""
    row = await service.record(tx, happened.event, Side.GROUP)
    result = {
        "type": "EconomicEvent",
        "action": "work",
        "provider": row.person,
        "receiver": row.group,
        "fulfills": row.commitment,
        "effortQuantity": quantity(row.proposed or 0),
    }
    await _answer(tx, row, "Reject", result=result, content=row.answer)


def check_in_document(row: CheckInView, code: str) -> dict[str, Any]:
    """Write that somebody came: by which code, and when by her own telephone's clock."""
    return {
        "id": row.event,
        "type": "CheckIn",
        "attributedTo": row.person,
        "receiver": row.group,
        "inReplyTo": row.invite,
        "satisfies": row.opening,
        "startTime": instant(row.arrived),
        "doorCode": code,
    }


async def send_check_in(tx: Tx, happened: CheckedIn) -> None:
    """Tell the group whose job it is, and nobody else, that she came."""
    row = await service.check_in_of(tx, happened.invite)
    document = check_in_document(row, happened.code)
    create = envelope(tx, "Create", row.person, document, to=[row.group])
    create["id"] = row.event.partition("#")[0]
    await tx.send(create, conversation=row.invite)


async def send_check_in_answer(tx: Tx, happened: CheckInAnswered) -> None:
    """Tell her home whether the group took that she came, or why not."""
    inner = {"id": happened.event, "type": "CheckIn"}
    kind, code = ("Reject", happened.reason) if happened.reason else ("Accept", None)
    answer = envelope(tx, kind, happened.group, inner, to=[happened.person], code=code)
    await tx.send(answer, conversation=happened.invite)


async def _answer(tx: Tx, row: RecordView, kind: str, **more: Any) -> None:
    to = [one for one in (row.person, row.lender) if one]
    inner = {"id": row.event, "type": "EconomicEvent"}
    activity = envelope(tx, kind, row.group, inner, to=to, decision=row.decision, **more)
    await tx.send(activity, conversation=row.invite)
