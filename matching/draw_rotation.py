"""Many weeks as a picture: how far apart the hours of people who are alike are, week by week.

The least, the middle and the most differ by the dashes of their lines and are named at their ends,
not told by colour alone.
"""

from collections.abc import Iterator, Sequence

import msgspec

from matching.rotation import Band, Rotation
from matching.svg import in_xml, picture, text

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 64, 150, 24, 48
"""Sizes in the picture's own units: the whole, and the margins around where lines are drawn."""

APART = 14
"""Names at the ends of lines stand so far apart at least."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the picture, in the reader's language.

    `summary` may name {people}, {weeks}, {least}, {half} and {most}; the last three are the shares
    at the end, in per cent.
    """

    title: str = "Hours of people who are alike, week by week"
    summary: str = (
        "After {weeks} weeks, {people} people who are alike had from {least} % to {most} % of the "
        "hours they asked for; half of them had {half} % or more."
    )
    across: str = "week"
    up: str = "share of the hours asked for"
    most: str = "most"
    three_quarters: str = "three quarters"
    half: str = "half"
    quarter: str = "one quarter"
    least: str = "least"
    quarters: str = "half of the people lie between these two"


def draw_rotation(rotation: Rotation, which: int = 0, words: Words | None = None) -> str:
    """Draw the bands of one of `Rotation.alike` as SVG: the same every time.

    Raises IndexError where there are no such people.
    """
    words = words or Words()
    people = rotation.alike[which]
    bands = [week.bands[which] for week in rotation.weeks]
    frame = _Frame(bands)
    name = f"rotation-{rotation.problem_hash[:12]}-{which}"
    last = bands[-1]
    summary = words.summary.format(
        people=len(people),
        weeks=len(bands),
        least=_percent(last.least),
        half=_percent(last.half),
        most=_percent(last.most),
    )
    body = [*_axes(frame, words), _area(frame, words), *_lines(frame, words)]
    return picture("rotation", name, (words.title, summary), (WIDTH, HEIGHT), body)


_LINES = (
    ("most", "#d55e00", 2, "2 4"),
    ("three_quarters", "#009e73", 1, ""),
    ("half", "#0072b2", 3, ""),
    ("quarter", "#009e73", 1, ""),
    ("least", "#cc79a7", 2, "8 4"),
)
"""Each line's part of a band, its colour (of Okabe and Ito), its width and its dashes."""


class _Frame:
    """Where a week and a share lie in the picture; its top is the most that anybody had."""

    def __init__(self, bands: Sequence[Band]) -> None:
        self.bands = bands
        self.top = max((band.most for band in bands), default=0.0) or 1.0

    def across(self, place: int) -> float:
        """Place a week, counted from 0."""
        steps = max(1, len(self.bands) - 1)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * place / steps, 1)

    def up(self, share: float) -> float:
        """Place a share."""
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / self.top, 1)

    def points(self, part: str, places: Sequence[int]) -> str:
        """Write out a line's points in the order of these weeks."""
        return " ".join(
            f"{self.across(place)},{self.up(getattr(self.bands[place], part))}" for place in places
        )


def _lines(frame: _Frame, words: Words) -> Iterator[str]:
    weeks = range(len(frame.bands))
    end, floor = frame.across(weeks[-1]), HEIGHT - BOTTOM
    down = float(TOP - APART)
    for place, (part, colour, width, dashes) in enumerate(_LINES, 1):
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        # the name stands at its line's end, below the one before, with room for those to come
        below = max(down + APART, frame.up(getattr(frame.bands[-1], part)))
        down = min(below, floor - APART * (len(_LINES) - place))
        yield (
            f'<g class="rotation-{part}"><polyline points="{frame.points(part, weeks)}" '
            f'fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'
            f"{text(getattr(words, part), end + 6, down + 4)}</g>"
        )


def _area(frame: _Frame, words: Words) -> str:
    weeks = range(len(frame.bands))
    there = frame.points("three_quarters", weeks)
    back = frame.points("quarter", weeks[::-1])
    return (
        f'<polygon class="rotation-quarters" points="{there} {back}" fill="#56b4e9" '
        f'fill-opacity="0.3"><title>{in_xml(words.quarters)}</title></polygon>'
    )


def _axes(frame: _Frame, words: Words) -> Iterator[str]:
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    yield (
        f'<path d="M{LEFT} {TOP}V{floor}H{right}" fill="none" stroke="currentColor" '
        'stroke-width="1"/>'
    )
    last = len(frame.bands) - 1
    for place in sorted({0, last // 2, last}):
        yield text(str(place + 1), frame.across(place), floor + 16, anchor="middle")
    yield text(words.across, (LEFT + right) / 2, floor + 36, anchor="middle")
    for share in (0.0, frame.top / 2, frame.top):
        yield text(f"{_percent(share)} %", LEFT - 6, frame.up(share) + 4, anchor="end")
    yield text(words.up, LEFT, TOP - 10)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
