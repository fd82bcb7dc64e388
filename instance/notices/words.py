"""The words of a notice, made from its facts in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from instance.language import Writer, translate
from instance.notices.kinds import KINDS, Kind
from instance.settings import Settings
from instance.skills import service as skills

MOST_TEXT = 500
_UNKNOWN = Kind("%(kind)s")


class Worded(msgspec.Struct, frozen=True):
    """A notice in words: one sentence, and lines with all that is needed to decide."""

    title: str
    lines: tuple[str, ...]
    act: str
    icon: str
    tone: str


def worded(kind: str, values: Mapping[str, Any], language: str, settings: Settings) -> Worded:
    """Say a notice in a language. A line is left out when a fact in it is missing."""
    known = KINDS.get(kind, _UNKNOWN)
    spoken = _spoken({"kind": kind, **values}, language, settings)
    lines = (_say(language, line, spoken) for line in known.lines)
    return Worded(
        title=_say(language, known.title, spoken) or kind,
        lines=tuple(one for one in lines if one),
        act=translate(language, known.act) if known.act else "",
        icon=known.icon,
        tone=known.tone,
    )


def _say(language: str, line: str | tuple[str, str], spoken: Mapping[str, str]) -> str:
    needed, message = ("kind", line) if isinstance(line, str) else line
    if needed not in spoken:
        return ""
    try:
        return translate(language, message) % spoken
    except KeyError:
        return ""


def _spoken(values: Mapping[str, Any], language: str, settings: Settings) -> dict[str, str]:
    """Return every fact that is there, in words; `when`, `was` and `pay` are put together."""
    zone = str(values.get("timezone") or settings.timezone)
    writer = Writer(language, zone, settings.currency)
    spoken = {
        name: _one(name, value, writer)
        for name, value in values.items()
        if value is not None and value is not False and value != ""
    }
    for name, start, end in (("when", "start", "end"), ("was", "old_start", "old_end")):
        if values.get(start) and values.get(end):
            spoken[name] = _span(str(values[start]), str(values[end]), writer)
    if values.get("cents"):
        currency = str(values.get("currency") or settings.currency)
        spoken["pay"] = writer.money(int(values["cents"]), currency)
    return spoken


def _one(name: str, value: Any, writer: Writer) -> str:
    if name.endswith("minutes") and isinstance(value, int):
        return writer.hours(value)
    if name in {"by", "at"}:
        return writer.when(datetime.fromisoformat(str(value)))
    if name == "place":
        value = skills.places().label(str(value), writer.language)
    return " ".join(str(value).split())[:MOST_TEXT]


def _span(start: str, end: str, writer: Writer) -> str:
    begins, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return f"{writer.when(begins)}–{writer.clock(ends)}"  # noqa: RUF001  # a span of time has an en dash
