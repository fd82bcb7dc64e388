"""A job in words: the cleaned HTML that every server shows, and the parts of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import nh3

from instance.jobs.views import JobView, OpeningView, PostedShift
from instance.language import Writer, listed, translate
from instance.skills import service as skills

KEPT = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
_WRITTEN = ("en", "zh-Hant")
PARTS = ("morning", "afternoon", "evening", "night")
_BEGINS = ((5, "morning"), (12, "afternoon"), (17, "evening"), (22, "night"))


def clean(html: str) -> str:
    """Keep of HTML only the short list that every server keeps; scripts and styles go."""
    return nh3.clean(
        html,
        tags=KEPT,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="nofollow noopener noreferrer",
    )


def parts_of(start: datetime, end: datetime, timezone: str) -> tuple[str, ...]:
    """Name the parts of the day, in the place's zone, of which at least an hour is worked.

    The part in which a shift begins always counts. Morning begins at 5, afternoon at 12, evening
    at 17, night at 22.
    """
    zone = ZoneInfo(timezone)
    found = [_part(start.astimezone(zone))]
    moment = start
    while moment + timedelta(hours=1) <= end:
        part = _part(moment.astimezone(zone))
        if part == _part((moment + timedelta(minutes=59)).astimezone(zone)):
            found.append(part)
        moment += timedelta(minutes=15)
    return tuple(one for one in PARTS if one in found)


def said_parts(parts: Sequence[str], language: str) -> str:
    """Say the parts of a day in a language: morning, afternoon."""
    words = {
        "morning": translate(language, "morning"),
        "afternoon": translate(language, "afternoon"),
        "evening": translate(language, "evening"),
        "night": translate(language, "night"),
    }
    return listed(language, [words[one] for one in parts])


def page_words(language: str, currency: str) -> dict[str, Any]:
    """Return what templates say words of the vocabulary, places and parts of the day with."""
    return {
        "words": skills.vocabulary(),
        "places": skills.places(),
        "said_parts": lambda parts: said_parts(parts, language),
        "clock_at": lambda moment, zone: Writer(language, zone, currency).clock(moment),
    }


def contents_of(job: JobView, shifts: Sequence[PostedShift]) -> tuple[tuple[str, str], ...]:
    """Write a job as HTML in the languages in which the vocabulary has words, its own first."""
    order = dict.fromkeys((job.language, *_WRITTEN))
    return tuple((one, _content(job, shifts, one)) for one in order)


def needs(opening: OpeningView, language: str) -> str:
    """Say whom an opening wants: how many, with which skill, certificates and languages."""
    words = skills.vocabulary()
    keys = (*opening.certificates, *opening.languages)
    more = "; ".join(words.label(one, language) for one in keys)
    said = f"{opening.count} × {words.label(opening.skill, language)}"  # noqa: RUF001  a times sign
    return f"{said} ({more})" if more else said


def _part(moment: datetime) -> str:
    return next((part for hour, part in reversed(_BEGINS) if moment.hour >= hour), "night")


def _content(job: JobView, shifts: Sequence[PostedShift], language: str) -> str:
    writer = Writer(language, "UTC", job.currency)
    lines = [f"<li>{escape(_line(one, language))}</li>" for one in shifts]
    facts = [skills.places().district(job.district, language)] if job.district else []
    if job.pay_cents_per_hour:
        facts.append(
            translate(
                language, "%(pay)s an hour", pay=writer.money(job.pay_cents_per_hour, job.currency)
            )
        )
    html = [f"<p><strong>{escape(job.title)}</strong></p>"]
    html += [f"<p>{_lines(one)}</p>" for one in job.description.split("\n\n") if one.strip()]
    html += [f"<ul>{''.join(lines)}</ul>"] if lines else []
    html += [f"<p>{escape(' · '.join(facts))}</p>"] if facts else []
    link = translate(language, "Read more, and how to join us")
    html.append(f'<p><a href="{escape(job.iri)}">{escape(link)}</a></p>')
    return clean("".join(html))


def _line(shift: PostedShift, language: str) -> str:
    writer = Writer(language, shift.timezone, "HKD")
    if shift.start and shift.end:
        when = f"{writer.clock(shift.start)}–{writer.clock(shift.end)}"  # noqa: RUF001  a range
    else:
        when = said_parts(shift.parts, language)
    wanted = ", ".join(needs(one, language) for one in shift.openings)
    return f"{writer.day(shift.day)}, {when}: {wanted}"


def _lines(text: str) -> str:
    return "<br>".join(escape(one) for one in text.strip().splitlines())
