"""What happened to people's time."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class AvailabilityChanged:
    """When a person could work is another now."""

    person: Iri


@dataclass(frozen=True, slots=True)
class InvitationReceived:
    """A group asks a person of ours to fill a place."""

    invite: Iri
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class InvitationRefused:
    """She said no (`declined`), or could not say yes (`rule`)."""

    invite: Iri
    person: Iri
    group: Iri
    code: str


@dataclass(frozen=True, slots=True)
class InvitationCalledOff:
    """The group no longer asks her, before she had promised anything."""

    invite: Iri
    person: Iri
    group: Iri
    code: str


@dataclass(frozen=True, slots=True)
class TimeHeld:
    """She said yes and her time is held until the group confirms."""

    invite: Iri
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """Her home let the time go before the group confirmed: `expired` or `withdrawn`."""

    invite: Iri
    person: Iri
    group: Iri
    code: str


@dataclass(frozen=True, slots=True)
class PromiseConfirmed:
    """The group confirmed, and she has promised to come."""

    invite: Iri
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class PromiseWithdrawn:
    """She cannot come after all, though it was confirmed."""

    invite: Iri
    person: Iri
    group: Iri
    code: str


@dataclass(frozen=True, slots=True)
class PromiseReleased:
    """Time that was held or promised is hers again, for whatever reason `code` gives."""

    invite: Iri
    person: Iri
    group: Iri
    code: str


@dataclass(frozen=True, slots=True)
class PromiseReplaced:
    """A promise gave way to another for the same place at another time."""

    invite: Iri
    person: Iri
    group: Iri
    by: Iri


@dataclass(frozen=True, slots=True)
class PromiseEnded:
    """The shift she promised is over."""

    invite: Iri
    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class DetailsReceived:
    """She was told, or told anew, where exactly to be and whom to call."""

    invite: Iri
    person: Iri
