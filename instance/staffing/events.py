"""What happened to places and to the people asked to fill them."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class PersonInvited:
    """A group asks a person to fill a place."""

    invite: Iri
    person: Iri
    group: Iri
    opening: Iri


@dataclass(frozen=True, slots=True)
class InvitationAnswered:
    """She said yes, and waits to be confirmed."""

    invite: Iri
    person: Iri
    group: Iri
    opening: Iri


@dataclass(frozen=True, slots=True)
class AnswerConfirmed:
    """The group confirms her yes; her own promise is on its way."""

    invite: Iri
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class AnswerNotNeeded:
    """She said yes when no place was left; her time is hers again."""

    invite: Iri
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class PlacementCalledOff:
    """The group asks her no longer, or calls off what was confirmed; `code` says why."""

    invite: Iri
    person: Iri
    group: Iri
    code: str


@dataclass(frozen=True, slots=True)
class PlacementConfirmed:
    """She herself has promised to fill the place."""

    placement: Iri
    person: Iri
    group: Iri
    opening: Iri


@dataclass(frozen=True, slots=True)
class PlacementUnconfirmed:
    """A confirmed placement is one no longer, and its work was not done."""

    placement: Iri
    person: Iri
    group: Iri
    opening: Iri
    code: str


@dataclass(frozen=True, slots=True)
class PlacementEnded:
    """An invitation has come to its end; `code` says how it did."""

    placement: Iri
    person: Iri
    group: Iri
    opening: Iri
    code: str


@dataclass(frozen=True, slots=True)
class PlaceOpened:
    """A place that was taken is open again."""

    opening: Iri
    group: Iri
    code: str


@dataclass(frozen=True, slots=True)
class PlaceNamed:
    """An ally named the person who fills a place that it lends."""

    agreement: Iri
    opening: Iri
    person: Iri
    announce: Iri


@dataclass(frozen=True, slots=True)
class PlaceUnnamed:
    """The person whom an ally had named does not come; the place is the ally's to refill."""

    agreement: Iri
    opening: Iri
    person: Iri
    announce: Iri


@dataclass(frozen=True, slots=True)
class NobodyLeft:
    """Everybody who could be asked for an opening was asked, and places are open still.

    `agreement` is the loan by which the group fills it for an ally, or None.
    """

    opening: Iri
    group: Iri
    agreement: Iri | None
