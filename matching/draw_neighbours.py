"""The ego graph of an opening as a picture: people, the groups they come by, and the opening.

States differ by their marks and by how their lines are drawn. Never more than `MOST` nodes are
drawn; how many people are left out stands with their group.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from matching.neighbours import STATES, Neighbour, Neighbours, State
from matching.svg import in_two, picture, short, text

MOST, MOST_GROUPS = 40, 12

WIDTH, PERSON, GROUP, TURN, OPENING, ROW, LEGEND = 360, 112, 172, 324, 330, 22, 20
"""In the picture's own units: where people, groups, the turn of lines and the opening stand."""

_LINES: dict[State | str, tuple[str, float, str]] = {
    "comes": ("#007a5a", 3, ""),
    "asked": ("#a85c00", 2, "1.5 3"),
    "suggested": ("#0072b2", 2.5, ""),
    "eligible": ("#5f6b68", 1, ""),
    "could_lend": ("#a85c00", 1.5, "6 4"),
}
"""Each kind's colour, and the width and dashes of its line."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the picture, in the reader's language.

    `summary` may name {comes}, {asked}, {suggested}, {eligible}, {places} and {allies}, all of them
    counts; `coarse` may name an ally's {label}, `more` the {people} that are
    not drawn, `more_groups` the {groups}. `labels` names people and groups by their ids.
    """

    title: str = "Who is near these places"
    summary: str = (
        "Places: {places}. Comes: {comes}; was asked: {asked}; suggested: {suggested}; could be "
        "asked: {eligible}. Allies that could lend: {allies}."
    )
    comes: str = "comes"
    asked: str = "was asked"
    suggested: str = "suggested"
    eligible: str = "could be asked"
    could_lend: str = "ally, could lend"
    places: str = "places"
    coarse: str = "{label} could come"
    more: str = "+{people}"
    more_groups: str = "+{groups} groups"
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)


def draw_neighbours(
    near: Neighbours, words: Words | None = None, *, name: str = "neighbours"
) -> str:
    """Draw who is near an opening as SVG: the same every time.

    `name` tells the picture from others on a page.
    """
    words = words or Words()
    body, top = _legend(near, words)
    blocks = _blocks(near)
    shown = blocks[:MOST_GROUPS]
    people = _drawn(near, shown)
    floors, floor = [], top
    for block in shown:
        rows = max(2, len(people[block]) + (_left_out(near, block, people) > 0))
        floors.append(floor)
        floor += ROW * rows + 8
    floor = max(floor, top + 2 * ROW)
    middle = (top + floor) / 2 - 4
    for place, (block, start) in enumerate(zip(shown, floors, strict=True)):
        body += _block(near, block, people, words, (start, middle, TURN - 6 * min(place, 4)))
    body.append(_opening(near.places, OPENING, middle))
    if len(blocks) > len(shown):
        body.append(text(words.more_groups.format(groups=len(blocks) - len(shown)), GROUP, floor))
    told = (
        words.title,
        words.summary.format(
            **{one: near.count(one) for one in STATES}, places=near.places, allies=len(near.allies)
        ),
    )
    return picture("neighbours", name, told, (WIDTH, floor + 8), body)


def _blocks(near: Neighbours) -> list[str]:
    """List the groups: the opening's own, those that people come by, those that may lend."""
    own = [near.group] if any(one.group == near.group for one in near.people) else []
    others = [one.group for one in near.people]
    return list(dict.fromkeys([*own, *others, *(one.group for one in near.allies)]))


def _drawn(near: Neighbours, shown: Sequence[str]) -> dict[str, list[Neighbour]]:
    """Choose who is drawn: the nearest first, as many as there is room for."""
    here = [one for one in near.people if one.group in shown]
    chosen = sorted(here, key=lambda one: STATES.index(one.state))[: MOST - 1 - len(shown)]
    return {block: [one for one in chosen if one.group == block] for block in shown}


def _left_out(near: Neighbours, block: str, people: Mapping[str, Sequence[Neighbour]]) -> int:
    return sum(one.group == block for one in near.people) - len(people[block])


def _block(
    near: Neighbours,
    block: str,
    people: Mapping[str, Sequence[Neighbour]],
    words: Words,
    at: tuple[float, float, float],
) -> Iterator[str]:
    top, middle, turn = at
    mine, left = people[block], _left_out(near, block, people)
    height = ROW * max(2, len(mine) + (left > 0))
    level = top + height / 2
    coarse = next((one.label for one in near.allies if one.group == block), "")
    nearest = mine[0].state if mine else "could_lend"
    yield '<g class="neighbours-group">'
    yield _line(nearest, f"M{GROUP + 3} {level:g}H{turn}V{middle:g}H{OPENING}")
    for state, same in groupby(enumerate(mine), key=lambda one: one[1].state):
        for place, one in same:
            yield from _person(one, words, state, (top + ROW * place + ROW / 2, level))
    if left:
        down = top + ROW * len(mine) + ROW / 2
        yield text(words.more.format(people=left), PERSON - 10, down + 4, anchor="end")
        yield _line("eligible", _bend(down, level))
    yield _bar(nearest, GROUP, level, full=bool(mine))
    label = words.labels.get(block, block)
    for line, part in enumerate(reversed(in_two(label, 20))):
        yield text(part, GROUP + 9, level - 5 - 12 * line, size=11, whole=label)
    if coarse:
        yield text(words.coarse.format(label=coarse), GROUP + 9, level + 14, size=11)
    yield "</g>"


def _person(one: Neighbour, words: Words, state: State, at: tuple[float, float]) -> Iterator[str]:
    down, level = at
    label = words.labels.get(one.id, one.id)
    yield text(short(label, 14), PERSON - 10, down + 4, anchor="end", whole=label)
    yield _line(state, _bend(down, level))
    yield _mark(state, PERSON, down)


def _bend(down: float, level: float) -> str:
    by = f"{PERSON + 30} {down:g} {GROUP - 25} {level:g}"
    return f"M{PERSON + 6} {down:g}C{by} {GROUP} {level:g}"


def _opening(places: int, across: float, middle: float) -> str:
    box = f'<rect x="{across:g}" y="{middle - 14:g}" width="28" height="28" rx="4" fill="none" '
    number = text(str(places), across + 14, middle + 5, size=14, anchor="middle")
    return f'{box}stroke="currentColor" stroke-width="2.5"/>{number}'


def _legend(near: Neighbours, words: Words) -> tuple[list[str], int]:
    """Write what each mark that occurs means, and how far down that reaches."""
    kinds = [one for one in STATES if near.count(one)] + ["could_lend"] * bool(near.allies)
    body: list[str] = []
    for place, kind in enumerate(kinds):
        across, level = 2 + 180 * (place % 2), 10 + LEGEND * (place // 2)
        body.append(_line(kind, f"M{across + 12} {level}h20"))
        if kind == "could_lend":
            body.append(_bar(kind, across + 9, level, full=False))
        else:
            body.append(_mark(kind, across + 6, level))
        body.append(text(getattr(words, kind), across + 38, level + 4))
    across, level = 2 + 180 * (len(kinds) % 2), 10 + LEGEND * (len(kinds) // 2)
    body.append(
        f'<rect x="{across + 2}" y="{level - 7}" width="14" height="14" rx="3" fill="none" '
        f'stroke="currentColor" stroke-width="2"/>{text(words.places, across + 38, level + 4)}'
    )
    return body, LEGEND * (len(kinds) // 2 + 1) + 8


def _line(kind: str, path: str) -> str:
    colour, width, dashes = _LINES[kind]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path class="near-{kind}" color="{colour}" d="{path}" fill="none" '
        f'stroke="currentColor" stroke-width="{width:g}"{dashed}/>'
    )


def _bar(kind: str, across: float, down: float, *, full: bool) -> str:
    """Draw where a group's lines meet: full, or empty where nobody of it is known."""
    inside = 'fill="currentColor"' if full else 'fill="none"'
    return (
        f'<rect class="near-{kind}" color="{_LINES[kind][0]}" x="{across - 3:g}" y="{down - 11:g}" '
        f'width="6" height="22" rx="2" {inside} stroke="currentColor" stroke-width="1.5"/>'
    )


def _mark(kind: str, across: float, down: float) -> str:
    """Draw a full square, a diamond, a full disc or an empty ring."""
    full = 'fill="currentColor" stroke="currentColor"'
    ring = 'fill="none" stroke="currentColor" stroke-width="1.5"'
    shape = {
        "comes": f'<rect x="{across - 6:g}" y="{down - 6:g}" width="12" height="12" {full}/>',
        "asked": f'<path d="M{across - 7:g} {down:g}l7 -7l7 7l-7 7z" {full}/>',
        "suggested": f'<circle cx="{across:g}" cy="{down:g}" r="6" {full}/>',
        "eligible": f'<circle cx="{across:g}" cy="{down:g}" r="5" {ring}/>',
    }[kind]
    return f'<g class="near-{kind}" color="{_LINES[kind][0]}">{shape}</g>'
