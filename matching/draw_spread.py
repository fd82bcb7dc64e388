"""How evenly hours are shared out, as a picture: what people have, and what a plan adds.

People stand in order, from the one with the least to the one with the most; an open ring is what
the share is without the plan, a full dot what it is with it, and a line joins them.
"""

from collections.abc import Iterator

import msgspec

from matching.shares import Spread
from matching.svg import picture, text

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 224, 44, 14, 46, 40
"""Sizes in the picture's own units: the whole, and the margins around where people stand."""

COLOUR, RING = "#0072b2", 4.5


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the picture, in the reader's language.

    `summary` may name {people}, {before} and {after}: the shares of the one in the middle, in per
    cent.
    """

    title: str = "How evenly hours are shared out"
    summary: str = (
        "Of {people} people, the one in the middle has {before} % of the hours she asked for, and "
        "{after} % with the plan."
    )
    before: str = "now"
    after: str = "with the plan"
    least: str = "least"
    most: str = "most"
    up: str = "share of the hours asked for"


def draw_spread(
    before: Spread, after: Spread, words: Words | None = None, *, name: str = "spread"
) -> str:
    """Draw the shares of the same people before and after a plan as SVG: the same every time.

    `name` tells the picture from others on a page. Raises ValueError where nobody asked for hours.
    """
    words = words or Words()
    if not after.people:
        raise ValueError("nobody asked for hours")
    top = max(1.0, *before.deciles, *after.deciles)
    summary = words.summary.format(
        people=after.people, before=_percent(before.median), after=_percent(after.median)
    )
    body = [*_legend(words), *_axes(words, top)]
    for place, (was, will) in enumerate(zip(before.deciles, after.deciles, strict=True)):
        across = LEFT + 14 + (WIDTH - LEFT - RIGHT - 28) * place / (len(after.deciles) - 1)
        body.append(_person(across, _up(was, top), _up(will, top)))
    return picture("spread", name, (words.title, summary), (WIDTH, HEIGHT), body)


def _up(share: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / top, 1)


def _person(across: float, was: float, will: float) -> str:
    across = round(across, 1)
    edge = max(will, was - RING)  # the ring stays open
    return (
        f'<g color="{COLOUR}"><path d="M{across:g} {edge:g}V{will:g}" stroke="currentColor" '
        f'stroke-width="3"/>{_dot(across, will)}{_ring(across, was)}</g>'
    )


def _dot(across: float, down: float) -> str:
    return f'<circle cx="{across:g}" cy="{down:g}" r="5" fill="currentColor"/>'


def _ring(across: float, down: float) -> str:
    return (
        f'<circle cx="{across:g}" cy="{down:g}" r="{RING}" fill="none" stroke="currentColor" '
        'stroke-width="1.5"/>'
    )


def _legend(words: Words) -> Iterator[str]:
    yield f'<g color="{COLOUR}">{_ring(8, 10)}{_dot(8, 28)}</g>'
    yield text(words.before, 20, 14)
    yield text(words.after, 20, 32)


def _axes(words: Words, top: float) -> Iterator[str]:
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    yield f'<path d="M{LEFT} {TOP}V{floor}H{right}" fill="none" stroke="currentColor"/>'
    for share in (0.0, 0.5, 1.0):
        level = _up(share, top)
        yield text(f"{_percent(share)} %", LEFT - 6, level + 4, size=11, anchor="end")
        if share:
            yield (
                f'<path d="M{LEFT} {level:g}H{right}" stroke="currentColor" stroke-width="0.5" '
                'stroke-dasharray="2 4"/>'
            )
    yield text(words.least, LEFT + 4, floor + 15, size=11)
    yield text(words.most, right, floor + 15, size=11, anchor="end")
    yield text(words.up, LEFT, HEIGHT - 8)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"
