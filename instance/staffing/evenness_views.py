"""What the page on how evenly a group shares out hours shows, and its pictures."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import msgspec
from markupsafe import Markup

from federation import Iri
from instance.language import translate
from matching.draw_priorities import Point, draw_priorities
from matching.draw_priorities import Words as PriorityWords
from matching.draw_spread import Words as SpreadWords
from matching.draw_spread import draw_spread
from matching.shares import Spread

NOBODY = Spread(people=0, deciles=(), gini=0.0)


class WaitingLine(msgspec.Struct, frozen=True):
    """Somebody who asked for hours, had none in half a year and gets none; when she last worked."""

    name: str
    minutes_wanted: int
    worked: datetime | None


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan by one order of priorities comes to.

    `gini` is 0 where all have the same share of the hours they asked for, and nears 1 where one
    has all; `least` is the smallest share; `metres` the mean way, None where none is known.
    """

    number: int
    in_force: bool
    priorities: tuple[str, ...]
    filled: int
    gini: float
    least: float
    metres: int | None


class EvennessView(msgspec.Struct, frozen=True, kw_only=True):
    """How evenly a group's hours of the coming `weeks` would be shared out.

    Not `ready` while it is being worked out: ask again. Of `hidden` members nothing is known.
    `before` and `after` the plan are shares of the hours that each would like: 1 is all of them.
    """

    group: Iri
    group_name: str
    weeks: int
    coming: int
    hidden: int
    priorities: tuple[str, ...]
    ready: bool = False
    people: int = 0
    suggestions: int = 0
    minutes_planned: int = 0
    minutes_free: int = 0
    before: Spread = NOBODY
    after: Spread = NOBODY
    waiting: tuple[WaitingLine, ...] = ()
    waiting_more: int = 0
    orders: tuple[OrderLine, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether any order comes to something else than another."""
        told = [(one.filled, round(one.gini, 3), one.metres) for one in self.orders]
        return any(one != other for one, other in pairwise(told))


class EvennessPictures(msgspec.Struct, frozen=True):
    """How shares are spread, and what orders come to; None where there is nothing to draw."""

    spread: Markup | None
    priorities: Markup | None


def evenness_pictures(view: EvennessView, language: str) -> EvennessPictures:
    """Draw what the page shows, in the words of a language."""
    points = [
        Point(one.number, one.metres, one.gini, one.in_force)
        for one in view.orders
        if one.metres is not None
    ]
    # every word in them went through `matching.svg.in_xml`
    return EvennessPictures(
        Markup(draw_spread(view.before, view.after, _spread_words(language)))  # noqa: S704
        if view.after.people
        else None,
        Markup(draw_priorities(points, _priority_words(language)))  # noqa: S704
        if points and view.differs
        else None,
    )


def _spread_words(language: str) -> SpreadWords:
    return SpreadWords(
        title=translate(language, "How evenly hours are shared out"),
        summary=translate(
            language,
            "Of {people} people, the one in the middle has {before} % of the hours she asked for, "
            "and {after} % with the plan.",
        ),
        before=translate(language, "lately"),
        after=translate(language, "with what the plan suggests"),
        least=translate(language, "who has least"),
        most=translate(language, "who has most"),
        up=translate(language, "share of the hours asked for"),
    )


def _priority_words(language: str) -> PriorityWords:
    return PriorityWords(
        title=translate(language, "How even, and how far"),
        summary=translate(
            language,
            "{orders} orders of priorities: ways of {near} to {far} km in the mean, "
            "unevenness of {even} to {uneven}.",
        ),
        across=translate(language, "mean way, km"),
        up=translate(language, "unevenness of hours"),
        in_force=translate(language, "as it is now"),
    )
