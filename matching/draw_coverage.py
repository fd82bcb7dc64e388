"""A week as a picture: hours across, one row for each day, places filled below places open.

Each kind has a hatching of its own and a word for it; numbers over the bars say how many of how
many are filled. Narrow enough to be read on a telephone.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from matching.coverage import DAY, KINDS, Kind, Stretch, steps_of
from matching.intervals import Interval
from matching.svg import Look, box, hours, picture, short, text

WIDTH, LEFT, RIGHT, AXIS, LEGEND = 360, 76, 10, 22, 20
"""Sizes in the picture's own units: the whole, its margins, the hours above, the legend's lines."""

ROW, ABOVE, BARS, PLACE = 24, 20, 56, 10
"""A day without work, what stands above bars, the highest bars, the height of one place at most."""

MOST_DAYS = 14
NARROWEST = 22
"""A bar that is narrower has no number: it would touch its neighbour's."""

_LOOKS: dict[Kind, tuple[Look, str]] = {
    "own": ("full", "#0072b2"),
    "others": ("lying", "#007a5a"),
    "borrowed": ("slanting", "#a85c00"),
    "uncertain": ("upright", "#6b4f9e"),
    "open": ("empty", "#b3261e"),
}
"""How each kind is drawn, and its colour."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the picture, in the reader's language.

    `summary` may name {filled}, {wanted}, {uncertain} and {open}, in hours of work, and {missing},
    the most places open at once. `days` gives the name of a day by its number since 1970-01-01;
    without one it shows its date. `more` may name {days}, those that were not drawn.
    """

    title: str = "Hours of the week, filled and open"
    summary: str = (
        "{filled} of {wanted} hours of work are filled, {uncertain} are not certain yet, {open} "
        "are open; at most {missing} places are open at once."
    )
    own: str = "our people"
    others: str = "our other groups"
    borrowed: str = "borrowed"
    uncertain: str = "not certain yet"
    open: str = "open"
    numbers: str = "filled of wanted"
    more: str = "{days} days more"
    days: Mapping[int, str] = msgspec.field(default_factory=dict)


def draw_coverage(
    stretches: Sequence[Stretch],
    words: Words | None = None,
    days: Sequence[int] = (),
    *,
    name: str = "coverage",
) -> str:
    """Draw stretches of time as SVG: the same every time, whatever their order.

    `days` are the days to draw, by their numbers; those that the stretches reach unless named. No
    more than `MOST_DAYS` are drawn; how many are left out is said below them. `name` tells the
    picture from others on a page.
    """
    words = words or Words()
    numbers = list(days) or _reached(stretches)
    drawn = numbers[:MOST_DAYS]
    steps = {one: steps_of(stretches, Interval(one * DAY, (one + 1) * DAY)) for one in numbers}
    frame = _Frame(steps)
    body: list[str] = []
    kinds = [one for one in KINDS if one == "open" or frame.has(one)]
    for place, kind in enumerate(kinds):
        body += _key(kind, getattr(words, kind), place)
    body += _key("", words.numbers, len(kinds))
    top = LEGEND * (len(kinds) // 2 + 1) + 8
    floor = top + AXIS
    rows: list[str] = []
    for number in drawn:
        label = words.days.get(number) or str(date(1970, 1, 1) + timedelta(days=number))[5:]
        most = max((one.wanted for one in steps[number]), default=0)
        floor += max(ROW, round(frame.high(most)) + ABOVE)
        rows += _day(frame, steps[number], label, floor)
    body += [*_hours(frame, top, floor), *rows]
    if len(numbers) > len(drawn):
        more = words.more.format(days=len(numbers) - len(drawn))
        body.append(text(more, LEFT, floor + 14))
        floor += 16
    told = words.title, _summary(words, [one for each in steps.values() for one in each])
    return picture("coverage-week", name, told, (WIDTH, floor + 6), body)


def _reached(stretches: Sequence[Stretch]) -> list[int]:
    if not stretches:
        return []
    first = min(one.interval.start for one in stretches) // DAY
    last = max(one.interval.end - 1 for one in stretches) // DAY
    return list(range(first, last + 1))


def _summary(words: Words, steps: Sequence[Stretch]) -> str:
    told = {
        part: hours(sum(getattr(one, part) * one.interval.minutes for one in steps))
        for part in ("wanted", "filled", "uncertain", "open")
    }
    missing = max((one.open for one in steps), default=0)
    return words.summary.format(**told, missing=missing)


class _Frame:
    """Where an hour and a number of places lie in the picture; all days share both."""

    def __init__(self, steps: Mapping[int, Sequence[Stretch]]) -> None:
        self.steps = [(one, day * DAY) for day, found in steps.items() for one in found]
        starts = [one.interval.start - midnight for one, midnight in self.steps]
        ends = [one.interval.end - midnight for one, midnight in self.steps]
        self.first = min(starts, default=6 * 60) // 180 * 180
        self.last = max(-(-max(ends, default=18 * 60) // 180) * 180, self.first + 360)
        self.top = max((one.wanted for one, _ in self.steps), default=1)

    def has(self, kind: Kind) -> bool:
        """Tell whether a kind occurs."""
        return any(getattr(one, kind) for one, _ in self.steps)

    def across(self, minute: int) -> float:
        """Place a minute of a day."""
        share = (minute - self.first) / (self.last - self.first)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)

    def high(self, places: int) -> float:
        """Say how high so many places are."""
        return round(min(BARS / self.top, PLACE) * places, 1)


def _hours(frame: _Frame, top: int, floor: int) -> Iterator[str]:
    apart = 180 if frame.last - frame.first > 540 else 60
    for minute in range(frame.first, frame.last + 1, apart):
        across = frame.across(minute)
        yield text(f"{minute // 60}", across, top + 12, size=11, anchor="middle")
        yield (
            f'<path d="M{across:g} {top + 18}V{floor}" stroke="currentColor" '
            'stroke-width="0.5" stroke-opacity="0.35"/>'
        )


def _day(frame: _Frame, steps: Sequence[Stretch], label: str, floor: int) -> Iterator[str]:
    yield f'<g class="coverage-day">{text(short(label, 12), 2, floor - 6, whole=label)}'
    midnight = (steps[0].interval.start // DAY * DAY) if steps else 0
    for one in steps:
        left = frame.across(one.interval.start - midnight)
        width = round(frame.across(one.interval.end - midnight) - left, 1)
        down = float(floor)
        for kind in KINDS:
            if places := getattr(one, kind):
                high = frame.high(places)
                down = round(down - high, 1)
                yield _mark(kind, left, down, width, high)
        if width >= NARROWEST:
            number = f"{one.filled}/{one.wanted}"
            yield text(number, left + width / 2, down - 4, size=11, anchor="middle")
    yield (
        f'<path d="M{LEFT} {floor}H{WIDTH - RIGHT}" stroke="currentColor" stroke-width="1"/></g>'
    )


def _key(kind: Kind | Literal[""], word: str, place: int) -> Iterator[str]:
    """Write what a mark means; without a kind, what the numbers over the bars do."""
    across, down = 2 + 180 * (place % 2), 4 + LEGEND * (place // 2)
    if not kind:
        yield f"{text('2/3', across + 1, down + 11, size=11)}{text(word, across + 28, down + 11)}"
        return
    yield f"{_mark(kind, across, down, 22, 12)}{text(word, across + 28, down + 11)}"


def _mark(kind: Kind, across: float, down: float, width: float, height: float) -> str:
    look, colour = _LOOKS[kind]
    drawn = box(look, across, down, width, height)
    return f'<g class="kind-{kind}" color="{colour}">{drawn}</g>'
