"""What happened between our groups and their allies."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class AllianceOffered:
    """One of our groups offered terms: the other group is to be told."""

    alliance: str
    group: Iri
    ally: Iri


@dataclass(frozen=True, slots=True)
class AllianceProposed:
    """Another group offered one of ours its terms: our leaders are to read them."""

    alliance: str
    group: Iri
    ally: Iri


@dataclass(frozen=True, slots=True)
class AllianceAnswered:
    """A leader of ours accepted or refused terms: the other group is to be told."""

    alliance: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class AllianceMade:
    """Both groups have signed: from now on they may lend each other labour."""

    alliance: str
    group: Iri
    ally: Iri


@dataclass(frozen=True, slots=True)
class AllianceRefused:
    """The other group does not want our terms."""

    alliance: str
    group: Iri
    ally: Iri


@dataclass(frozen=True, slots=True)
class AllianceEnded:
    """An alliance, or an offer of one, is over; `ours` says that our side ended it."""

    alliance: str
    group: Iri
    ally: Iri
    ours: bool
