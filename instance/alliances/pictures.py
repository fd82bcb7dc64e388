"""The hours between a leader's groups and their allies as a picture."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from federation import Iri
from instance.alliances.views import AllianceView, HoursBetween, OneWay
from instance.language import translate
from matching.draw_alliances import Words, draw_alliances
from matching.exchange import Exchange, Hours


def hours_picture(
    between: Sequence[tuple[AllianceView, HoursBetween]], language: str
) -> Markup | None:
    """Draw what goes each way between groups and their allies; None where there is nothing."""
    if not between:
        return None
    exchanges = [
        Exchange(
            here=alliance.group,
            there=alliance.ally,
            lends=_hours(both.lends),
            borrows=_hours(both.borrows),
        )
        for alliance, both in between
    ]
    labels: dict[Iri, str] = {}
    for one, _ in between:
        labels |= {one.group: one.group_name, one.ally: one.ally_name}
    # every word in it went through `matching.svg.in_xml`
    return Markup(draw_alliances(exchanges, _words(language, labels)))  # noqa: S704


def _hours(way: OneWay) -> Hours:
    return Hours(owed=way.owed, promised=way.promised, left=way.left)


def _words(language: str, labels: dict[Iri, str]) -> Words:
    return Words(
        title=translate(language, "Hours between us and our allies"),
        summary=translate(
            language,
            "Alliances: {alliances}. Each way shows the hours that are owed, promised and left.",
        ),
        owed=translate(language, "owed"),
        promised=translate(language, "promised"),
        left=translate(language, "left"),
        lends=translate(language, "we lend: owed {owed} h, promised {promised} h, left {left} h"),
        borrows=translate(
            language, "we borrow: owed {owed} h, promised {promised} h, left {left} h"
        ),
        more=translate(language, "+{alliances} alliances"),
        labels={str(group): name for group, name in labels.items()},
    )
