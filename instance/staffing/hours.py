"""The places of a week over its hours, as a picture and as the table of its figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from instance.language import Writer, translate
from instance.settings import Settings
from instance.staffing.week_views import HoursAt
from matching.coverage import DAY, Covered, Stretch, covered
from matching.draw_coverage import Words, draw_coverage
from matching.intervals import Interval

EPOCH = date(1970, 1, 1)


class HoursPicture(msgspec.Struct, frozen=True):
    """The hours of a week as a picture, and the figures of each part of a day by its date."""

    title: str
    svg: Markup
    rows: tuple[tuple[date, Covered], ...]


def hours_picture(
    hours: Iterable[HoursAt], monday: date, language: str, settings: Settings
) -> HoursPicture | None:
    """Draw a week as the clocks of the place show it; None where nothing is wanted."""
    zone = ZoneInfo(settings.timezone)
    stretches = [_stretch(one, zone) for one in hours if one.wanted]
    if not stretches:
        return None
    first = (monday - EPOCH).days
    # a shift of the last night ends on the day after
    last = max(first + 7, *(-(-one.interval.end // DAY) for one in stretches))
    write = Writer(language, settings.timezone, settings.currency).short_day
    names = {day: write(EPOCH + timedelta(day)) for day in range(first, last)}
    words = _words(language, names)
    # every word in it went through `matching.svg.in_xml`
    svg = Markup(draw_coverage(stretches, words, range(first, last), name="hours"))  # noqa: S704
    rows = tuple((EPOCH + timedelta(one.day), one) for one in covered(stretches))
    return HoursPicture(words.title, svg, rows)


def _stretch(one: HoursAt, zone: ZoneInfo) -> Stretch:
    start, end = (_minute(each.astimezone(zone)) for each in (one.start, one.end))
    return Stretch(
        # where the clock is set back meanwhile it may show an earlier end
        interval=Interval(start, max(end, start + 1)),
        wanted=one.wanted,
        own=one.own,
        borrowed=one.borrowed,
        uncertain=one.uncertain,
    )


def _minute(shown: datetime) -> int:
    return (shown.date() - EPOCH).days * DAY + shown.hour * 60 + shown.minute


def _words(language: str, days: dict[int, str]) -> Words:
    return Words(
        title=translate(language, "The hours of the week, filled and open"),
        summary=translate(
            language,
            "Of {wanted} hours of work {filled} are filled, {uncertain} are not certain yet, and "
            "{open} are open; at most {missing} places are open at once.",
        ),
        own=translate(language, "our people"),
        others=translate(language, "our other groups"),
        borrowed=translate(language, "borrowed"),
        uncertain=translate(language, "asked or suggested"),
        open=translate(language, "still open"),
        numbers=translate(language, "filled, of those wanted"),
        days=days,
    )
