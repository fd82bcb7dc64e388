"""What another order of priorities changes, as a picture: how uneven hours get, and how far ways.

Each order is a point with its number; those that come to the same share a point, and the one in
force has a ring around it. Further down is more even, further left is nearer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from matching.problem import Priority
from matching.svg import picture, text

if TYPE_CHECKING:
    from matching.report import Exchange

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 250, 50, 34, 50, 46
"""Sizes in the picture's own units: the whole, and the margins around where points lie."""

COLOUR = "#a85c00"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the picture, in the reader's language.

    `summary` may name the number of {orders}, the nearest and the furthest way ({near}, {far}, in
    kilometres), and the least and the most unevenness ({even}, {uneven}).
    """

    title: str = "How even, and how far"
    summary: str = (
        "{orders} orders of priorities: ways of {near} to {far} km in the mean, "
        "unevenness of {even} to {uneven}."
    )
    across: str = "mean way, km"
    up: str = "unevenness of hours"
    in_force: str = "in force"


class Point(msgspec.Struct, frozen=True):
    """What one order comes to: its number, its mean way in metres, and the Gini of shares."""

    number: int
    metres: int
    gini: float
    in_force: bool = False


def points_of(exchanges: Sequence["Exchange"], priorities: Sequence[Priority]) -> tuple[Point, ...]:
    """Number orders from 1, and leave out those of which no way is known."""
    return tuple(
        Point(number, one.metres, one.spread.gini, one.priorities == tuple(priorities))
        for number, one in enumerate(exchanges, 1)
        if one.metres is not None
    )


def draw_priorities(
    points: Sequence[Point], words: Words | None = None, *, name: str = "priorities"
) -> str:
    """Draw what some orders of priorities come to as SVG: the same every time.

    `name` tells the picture from others on a page. Raises ValueError where there are no points.
    """
    words = words or Words()
    if not points:
        raise ValueError("no way is known")
    frame = _Frame([one.metres for one in points], [one.gini for one in points])
    summary = words.summary.format(
        orders=len(points),
        near=_kilometres(frame.ways[0]),
        far=_kilometres(frame.ways[1]),
        even=f"{frame.shares[0]:.2f}",
        uneven=f"{frame.shares[1]:.2f}",
    )
    spots = defaultdict[tuple[float, float], list[Point]](list)
    for one in sorted(points, key=lambda one: (one.metres, one.gini, one.number)):
        spots[frame.across(one.metres), frame.up(one.gini)].append(one)
    body = [*_axes(frame, words), _line(spots)]
    body += [_spot(across, down, there) for (across, down), there in spots.items()]
    body.append(f'<g color="{COLOUR}">{_ring(12, 14)}</g>{text(words.in_force, 28, 18)}')
    return picture("priorities", name, (words.title, summary), (WIDTH, HEIGHT), body)


class _Frame:
    """Where a way and a share lie in the picture."""

    def __init__(self, metres: Sequence[int], shares: Sequence[float]) -> None:
        self.ways, self.shares = (min(metres), max(metres)), (min(shares), max(shares))

    def across(self, metres: float) -> float:
        return round(LEFT + 16 + (WIDTH - LEFT - RIGHT - 32) * _part(metres, self.ways), 1)

    def up(self, share: float) -> float:
        low, high = TOP + 14, HEIGHT - BOTTOM - 14
        return round(high - (high - low) * _part(share, self.shares), 1)


def _part(value: float, ends: tuple[float, float]) -> float:
    least, most = ends
    return (value - least) / (most - least) if most > least else 0.5


def _line(spots: Iterable[tuple[float, float]]) -> str:
    told = " ".join(f"{across:g},{down:g}" for across, down in spots)
    return (
        f'<polyline points="{told}" fill="none" stroke="{COLOUR}" stroke-width="1.5" '
        'stroke-dasharray="5 3"/>'
    )


def _spot(across: float, down: float, there: Sequence[Point]) -> str:
    said = ", ".join(str(one.number) for one in there)
    dot = f'<circle cx="{across:g}" cy="{down:g}" r="5" fill="currentColor"/>'
    ring = _ring(across, down) if any(one.in_force for one in there) else ""
    at_the_right = across > WIDTH / 2
    beside, anchor = (across + 30, "end") if at_the_right else (across + 12, "start")
    label = text(said, beside, down - (15 if at_the_right else 8), size=13, anchor=anchor)
    return f'<g color="{COLOUR}">{dot}{ring}</g>{label}'


def _ring(across: float, down: float) -> str:
    return (
        f'<circle cx="{across:g}" cy="{down:g}" r="9" fill="none" stroke="currentColor" '
        'stroke-width="2"/>'
    )


def _axes(frame: _Frame, words: Words) -> Iterator[str]:
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    yield f'<path d="M{LEFT} {TOP}V{floor}H{right}" fill="none" stroke="currentColor"/>'
    for metres in sorted(set(frame.ways)):
        across = frame.across(metres)
        yield text(_kilometres(metres), across, floor + 16, size=11, anchor="middle")
    for share in sorted(set(frame.shares)):
        yield text(f"{share:.2f}", LEFT - 6, frame.up(share) + 4, size=11, anchor="end")
    yield text(words.across, right, HEIGHT - 12, anchor="end")
    yield text(words.up, LEFT, TOP - 10)


def _kilometres(metres: float) -> str:
    return f"{metres / 1000:.1f}"
