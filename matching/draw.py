"""A plan as a picture: one line for each opening, one mark for each place, filled or open.

Filled, taken and open differ by shape, not by colour alone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from matching.answers import Plan
from matching.model import Opening
from matching.problem import Problem
from matching.svg import in_xml, picture, text

ROW, STEP, MARGIN, LABELS, MOST_MARKS = 28, 24, 16, 380, 60
"""Heights and widths in the picture's own units; a longer line ends with the number not drawn."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the picture, in the reader's language.

    `summary` may name {filled}, {taken}, {open} and {places}. `labels` gives the line of an opening
    by its id; without one it shows its times in UTC and its id.
    """

    title: str = "Places filled and open"
    summary: str = "{filled} of {places} places have a suggestion, {taken} were taken, {open} open."
    filled: str = "suggested"
    taken: str = "taken"
    open: str = "open"
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)


def draw(problem: Problem, plan: Plan, words: Words | None = None) -> str:
    """Draw a plan of this problem as SVG, to stand in a page or in a file; the same every time."""
    words = words or Words()
    rows = sorted(problem.openings, key=lambda one: (one.interval, one.shift, one.id))
    marks = {opening.id: _states(opening, plan) for opening in rows}
    every = [state for states in marks.values() for state in states]
    counts = {state: every.count(state) for state in ("filled", "taken", "open")}
    longest = min(MOST_MARKS, max((len(states) for states in marks.values()), default=0))
    width = LABELS + STEP * max(longest + 2, 10) + MARGIN
    height = ROW * (len(rows) + 2) + MARGIN
    summary = words.summary.format(**counts, places=len(every))
    body = list(_legend(words))
    for line, opening in enumerate(rows, start=1):
        body += _row(opening, marks[opening.id], ROW * line + ROW, words)
    name = f"plan-{plan.problem_hash[:12]}"
    return picture("coverage", name, (words.title, summary), (width, height), body)


def _states(opening: Opening, plan: Plan) -> list[str]:
    filled = sum(1 for one in plan.assignments if one.opening == opening.id)
    taken = min(opening.taken, opening.count)
    return ["taken"] * taken + ["filled"] * filled + ["open"] * (opening.places - filled)


def _row(opening: Opening, states: list[str], middle: int, words: Words) -> list[str]:
    label = words.labels.get(opening.id, _times(opening))
    shown = label if len(label) <= 48 else f"{label[:47]}…"
    parts = ['<g class="coverage-row">', _plain(shown, MARGIN, middle, label)]
    for place, state in enumerate(states[:MOST_MARKS]):
        parts.append(_mark(state, LABELS + STEP * place, middle, getattr(words, state)))
    if len(states) > MOST_MARKS:
        more = f"+{len(states) - MOST_MARKS}"
        at = LABELS + STEP * MOST_MARKS - STEP // 2
        parts.append(_plain(more, at, middle))
    return [*parts, "</g>"]


def _legend(words: Words) -> list[str]:
    parts = ['<g class="coverage-legend" aria-hidden="true">']
    for place, state in enumerate(("filled", "taken", "open")):
        across, word = MARGIN + 9 + place * 180, getattr(words, state)
        parts += [_mark(state, across, ROW // 2 + 4, word), _plain(word, across + 16, ROW // 2 + 4)]
    return [*parts, "</g>"]


def _plain(words: str, across: int, middle: int, whole: str = "") -> str:
    return text(words, across, middle + 5, size=14, whole=whole)


def _mark(state: str, across: int, middle: int, word: str) -> str:
    """Draw a full disc, a full square, or an empty dashed ring; colours of Okabe and Ito."""
    shape = {
        "filled": f'<circle cx="{across}" cy="{middle}" r="9" fill="#0072b2"/>',
        "taken": f'<rect x="{across - 8}" y="{middle - 8}" width="16" height="16" fill="#009e73"/>',
        "open": f'<circle cx="{across}" cy="{middle}" r="8" fill="none" stroke="#d55e00" '
        'stroke-width="2" stroke-dasharray="4 3"/>',
    }[state]
    return f'<g class="place place-{state}"><title>{in_xml(word)}</title>{shape}</g>'


def _times(opening: Opening) -> str:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    start = epoch + timedelta(minutes=opening.interval.start)
    end = epoch + timedelta(minutes=opening.interval.end)
    last = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
    name = opening.id if len(opening.id) <= 18 else f"…{opening.id[-17:]}"
    return f"{start:%Y-%m-%d %H:%M}–{last} UTC {name}"  # noqa: RUF001  a range of times
