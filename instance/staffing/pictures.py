"""What the pages of places show as pictures, each with the table of its figures."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from markupsafe import Markup

from federation import Iri
from instance.language import translate
from instance.staffing.views import Candidate, OpeningAt, OpeningFound, PersonAt, StaffingPage
from matching.answers import AllyOption
from matching.draw_neighbours import Words, draw_neighbours
from matching.model import CoarseCount
from matching.neighbours import STATES, Neighbour, Neighbours, State

NOT_CERTAIN = frozenset({"invited", "answered", "confirming"})


class NearRow(msgspec.Struct, frozen=True):
    """One line of the table: somebody, or an ally, by which group, and how near."""

    name: str
    group: str
    state: str


class NearPicture(msgspec.Struct, frozen=True):
    """Who is near an opening, as a picture and as the rows of a table."""

    title: str
    svg: Markup
    rows: tuple[NearRow, ...]


def near_openings(page: StaffingPage, language: str) -> dict[Iri, NearPicture]:
    """Draw who is near each opening that has places left and for which people were looked for.

    It shows what the lists of the same page say, and nobody else.
    """
    found = {one.opening: one for one in page.shortlist.openings} if page.shortlist else {}
    drawn = {
        one.opening: near_opening(page, one, found[one.opening], language)
        for one in page.openings
        if one.open and one.opening in found
    }
    return {opening: picture for opening, picture in drawn.items() if picture.rows}


def near_opening(
    page: StaffingPage, one: OpeningAt, found: OpeningFound, language: str
) -> NearPicture:
    """Draw who is near one opening, in the words of a language."""
    at_that_time = {
        each.person
        for other in page.openings
        if other.start < one.end and one.start < other.end
        for each in other.people
    }
    here = [_here(each, page.group_name) for each in one.people]
    free = [each for each in found.suggested if each.person not in at_that_time]
    more = [
        each for each in found.passed_over if each.choosable and each.person not in at_that_time
    ]
    near = Neighbours(
        opening=one.opening,
        group=page.group_name,
        places=one.wanted,
        people=(
            *sorted(here, key=lambda each: each.state != "comes"),
            *(_free(each, page.group_name, "suggested") for each in free),
            *(_free(each, page.group_name, "eligible") for each in more),
        ),
        allies=tuple(_allies(found)),
    )
    names = {str(each.person): each.name for each in one.people}
    names |= {str(each.person): each.name for each in (*free, *more)}
    words = _words(language, names)
    return NearPicture(
        words.title,
        # every word in it went through `matching.svg.in_xml`
        Markup(draw_neighbours(near, words, name=f"near-{one.fragment}")),  # noqa: S704
        tuple(_rows(near, words, language)),
    )


def _here(one: PersonAt, group: str) -> Neighbour:
    state: State = "asked" if one.state in NOT_CERTAIN else "comes"
    return Neighbour(id=one.person, group=one.ally or group, state=state)


def _free(one: Candidate, group: str, state: State) -> Neighbour:
    return Neighbour(id=one.person, group=group, state=state)


def _allies(found: OpeningFound) -> Iterator[AllyOption]:
    for one in found.allies:
        if one.label:
            # coarse, as the ally told it: whoever could come has no name here
            label = msgspec.convert(one.label, CoarseCount)
            yield AllyOption(group=one.name, alliance=one.group, label=label)


def _words(language: str, labels: dict[str, str]) -> Words:
    return Words(
        title=translate(language, "Who could come, and by which group"),
        summary=translate(
            language,
            "Places: {places}. Comes: {comes}; asked, not certain yet: {asked}; suggested: "
            "{suggested}; could be asked: {eligible}. Allies that could lend: {allies}.",
        ),
        comes=translate(language, "comes"),
        asked=translate(language, "asked, not certain"),
        suggested=translate(language, "suggested"),
        eligible=translate(language, "could be asked"),
        could_lend=translate(language, "ally, could lend"),
        places=translate(language, "places wanted"),
        coarse=translate(language, "{label} could come"),
        more_groups=translate(language, "+{groups} groups"),
        labels=labels,
    )


def _rows(near: Neighbours, words: Words, language: str) -> Iterator[NearRow]:
    for one in sorted(near.people, key=lambda one: STATES.index(one.state)):
        yield NearRow(words.labels[one.id], one.group, getattr(words, one.state))
    for ally in near.allies:
        somebody = translate(language, "people of an ally")
        yield NearRow(somebody, ally.group, words.coarse.format(label=ally.label))
