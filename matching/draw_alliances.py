"""Alliances as a picture: pipes between groups, one each way, as wide as what may flow.

Which way it flows is told by an arrow's head and by words; what is owed, promised and left by how a
pipe is filled, from where it comes.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from matching.exchange import Exchange, Hours
from matching.model import Identifier
from matching.svg import Look, box, hours, picture, short, text

MOST = 20
"""Alliances that are drawn; how many are left out is said below them."""

WIDTH, LEFT, RIGHT, HEAD, NAME, WAY, THICK, LEGEND = 360, 22, 338, 12, 20, 38, 16, 28
"""In the picture's own units: the ends of pipes, their heads, heights of names and of ways."""

_LOOKS: dict[str, Look] = {"owed": "full", "promised": "slanting", "left": "empty"}
_COLOURS = {"lends": "#0072b2", "borrows": "#a85c00"}


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the picture, in the reader's language.

    `lends` and `borrows` may name {owed}, {promised} and {left}, in hours; `summary` the number of
    {alliances}; `more` how many {alliances} are not drawn. `labels` names groups by their ids.
    """

    title: str = "Hours that allies lend each other"
    summary: str = "Alliances: {alliances}. Each shows what is owed, promised and left, each way."
    owed: str = "owed"
    promised: str = "promised"
    left: str = "left"
    lends: str = "lends: owed {owed} h, promised {promised} h, left {left} h"
    borrows: str = "borrows: owed {owed} h, promised {promised} h, left {left} h"
    more: str = "+{alliances} alliances"
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)


def draw_alliances(
    exchanges: Sequence[Exchange], words: Words | None = None, *, name: str = "alliances"
) -> str:
    """Draw what goes between groups and their allies as SVG: the same every time.

    `name` tells the picture from others on a page.
    """
    words = words or Words()
    drawn = exchanges[:MOST]
    ways = [way for one in drawn for way in (one.lends, one.borrows) if way]
    top = max((way.total for way in ways), default=0) or 1
    body, floor = list(_legend(words)), LEGEND
    for here, group in groupby(drawn, key=lambda one: one.here):
        mine = list(group)
        height = sum(_height(one) for one in mine)
        body.append(_named(here, words, 2, floor + 14))
        body.append(_bar(2, floor + NAME, height - 6))
        floor += NAME
        for one in mine:
            body += _between(one, words, floor, top)
            floor += _height(one)
        floor += 8
    if len(exchanges) > MOST:
        body.append(text(words.more.format(alliances=len(exchanges) - MOST), LEFT, floor + 8))
        floor += 14
    told = words.title, words.summary.format(alliances=len(exchanges))
    return picture("alliances", name, told, (WIDTH, floor + 4), body)


def _height(one: Exchange) -> int:
    return NAME + WAY * sum(1 for way in (one.lends, one.borrows) if way) + 6


def _between(one: Exchange, words: Words, top: int, most: int) -> Iterator[str]:
    yield '<g class="alliances-pair">'
    yield _named(one.there, words, WIDTH - 2, top + 14, anchor="end")
    yield _bar(WIDTH - 14, top + NAME, _height(one) - NAME - 6)
    down = top + NAME
    for way in ("lends", "borrows"):
        flow: Hours | None = getattr(one, way)
        if flow:
            said = getattr(words, way).format(
                owed=hours(flow.owed), promised=hours(flow.promised), left=hours(flow.left)
            )
            yield f'<g class="flow-{way}" color="{_COLOURS[way]}">'
            yield from _pipe(flow, down + 26, max(3, round(THICK * flow.total / most, 1)), way)
            yield f"</g>{text(said, LEFT, down + 13, size=11)}"
            down += WAY
    yield "</g>"


def _pipe(flow: Hours, level: float, thick: float, way: str) -> Iterator[str]:
    """Fill a pipe from where it comes: to the right what is lent, to the left what is borrowed."""
    lends = way == "lends"
    tip, neck = (RIGHT, RIGHT - HEAD) if lends else (LEFT, LEFT + HEAD)
    start = LEFT if lends else RIGHT
    done = 0
    for part, look in _LOOKS.items():
        if minutes := getattr(flow, part):
            ends = sorted(start + (neck - start) * at / flow.total for at in (done, done + minutes))
            first, last = (round(each, 1) for each in ends)
            yield box(look, first, level - thick / 2, round(last - first, 1), thick)
            done += minutes
    half = max(thick / 2 + 3, 6)
    yield (
        f'<path class="head" d="M{tip} {level:g}L{neck} {level - half:g}V{level + half:g}z" '
        'fill="currentColor"/>'
    )
    if not flow.total:
        yield f'<path d="M{start} {level:g}H{neck}" stroke="currentColor" stroke-width="1"/>'


def _named(
    group: Identifier, words: Words, across: float, down: float, anchor: str = "start"
) -> str:
    label = words.labels.get(group, group)
    return text(short(label, 50), across, down, size=13, anchor=anchor, whole=label)


def _bar(across: float, down: float, height: float) -> str:
    return (
        f'<rect x="{across:g}" y="{down:g}" width="12" height="{height:g}" rx="3" '
        'fill="currentColor" fill-opacity="0.75"/>'
    )


def _legend(words: Words) -> Iterator[str]:
    for place, (part, look) in enumerate(_LOOKS.items()):
        across = 2 + 118 * place
        yield f"{box(look, across, 4, 22, 12)}{text(getattr(words, part), across + 28, 15)}"
