"""What every picture shares: how its SVG begins, its words, and hatching that needs no colour.

A picture holds no style and no script, so a strict content security policy shows it as it is. What
it means is told by shape, hatching, width and words; colour only helps. A page may give the colours
anew: marks take the `color` of their group.
"""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Literal

Look = Literal["full", "lying", "slanting", "upright", "empty"]
"""A full box, one with lying, slanting or upright lines, or only a dashed edge."""

_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF], "\ufffd")


def picture(
    kind: str, name: str, told: tuple[str, str], size: tuple[int, int], body: Iterable[str]
) -> str:
    """Write a picture of one kind; `name` tells it from others on a page.

    `told` are its title and its summary, for those who hear it; `size` is its width and height.
    """
    (title, summary), (width, height) = told, size
    opened = (  # from left to right on pages of any language: places are counted so
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" role="img" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'direction="ltr" aria-labelledby="{name}-title {name}-summary">'
    )
    head = [
        opened,
        f'<title id="{name}-title">{in_xml(title)}</title>',
        f'<desc id="{name}-summary">{in_xml(summary)}</desc>',
    ]
    return "\n".join([*head, *body, "</svg>", ""])


def text(
    words: str,
    across: float,
    down: float,
    *,
    size: int = 12,
    anchor: str = "start",
    whole: str = "",
) -> str:
    """Write words on their line; `whole` is said in full where they were cut short."""
    more = f"<title>{in_xml(whole)}</title>" if whole else ""
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text x="{across:g}" y="{down:g}" font-size="{size}"{anchored} fill="currentColor">'
        f"{in_xml(words)}{more}</text>"
    )


def short(words: str, most: int) -> str:
    """Cut words to so many signs; one that is as wide as two, as Chinese ones are, counts twice."""
    room = most
    for place, sign in enumerate(words):
        room -= 2 if sign >= "\u2e80" else 1
        if room < 0:
            return f"{words[: max(place - 1, 1)]}…"
    return words


def in_two(words: str, most: int) -> list[str]:
    """Write words in one line, or in two where there is a space to part them, of so many signs."""
    if short(words, most) == words:
        return [words]
    places = [place for place, sign in enumerate(words) if sign == " "]
    fitting = [place for place in places if short(words[:place], most) == words[:place]]
    if not fitting:
        return [short(words, most)]
    return [words[: fitting[-1]], short(words[fitting[-1] + 1 :], most)]


def box(look: Look, across: float, down: float, width: float, height: float) -> str:
    """Draw a box that is told from others without colour; it takes the colour of its group."""
    corner = f'x="{across:g}" y="{down:g}" width="{width:g}" height="{height:g}"'
    if look == "empty":
        edge = 'stroke="currentColor" stroke-width="1.5" stroke-dasharray="4 2.5"'
        return f'<rect {corner} fill="none" {edge}/>'
    full = "1" if look == "full" else "0.15"
    drawn = f'<rect {corner} fill="currentColor" fill-opacity="{full}" stroke="currentColor"/>'
    if look == "full":
        return drawn
    write = {"lying": _lying, "slanting": _slanting, "upright": _upright}[look]
    lines = "".join(write(across, down, width, height))
    return f'{drawn}<path d="{lines}" stroke="currentColor" stroke-width="1.5"/>'


def _lying(x: float, y: float, width: float, height: float) -> Iterator[str]:
    count = max(1, int(height // 4))
    gap = height / (count + 1)
    for number in range(1, count + 1):
        yield f"M{x:g} {y + gap * number:.4g}h{width:g}"


def _upright(x: float, y: float, width: float, height: float) -> Iterator[str]:
    at = x // 4 * 4 + 4
    while at < x + width:
        yield f"M{at:.4g} {y:g}v{height:g}"
        at += 4


def _slanting(x: float, y: float, width: float, height: float, step: int = 6) -> Iterator[str]:
    # a line runs where across + down is a multiple of the step, so those of neighbours join
    at = (x + y) // step * step + step
    while at < x + y + width + height:
        low, high = max(x, at - y - height), min(x + width, at - y)
        yield f"M{low:.4g} {at - low:.4g}L{high:.4g} {at - high:.4g}"
        at += step


def hours(minutes: int) -> str:
    """Write minutes as hours: 90 as 1.5."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def in_xml(text: str) -> str:
    """Write words so that they stay words in a picture, whatever they hold."""
    return escape(text.translate(_NOT_IN_XML))
