"""What happened to enquiries."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class LineWritten:
    """Somebody here wrote a line of an enquiry: the other side has to be told."""

    enquiry: str
    line: Iri


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """A group here says yes or no to an offer: who made it has to be told."""

    enquiry: str
    line: Iri
    offer: Iri
    accepted: bool


@dataclass(frozen=True, slots=True)
class EnquiryReceived:
    """Somebody, called `other`, asks a group here, or goes on asking after an answer."""

    enquiry: str
    group: Iri
    group_name: str
    asker: Iri
    other: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class EnquiryAnswered:
    """A group answered what a person here had asked."""

    enquiry: str
    group_name: str
    asker: Iri
    title: str
    text: str
