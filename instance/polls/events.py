"""What happened to polls."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class PollAsked:
    """A group here asks something."""

    poll: Iri


@dataclass(frozen=True, slots=True)
class PollHeard:
    """A group elsewhere, to which somebody here belongs, asks something."""

    poll: Iri


@dataclass(frozen=True, slots=True)
class PollCounted:
    """The counts of a poll of ours are due to those who were asked, and to who answered."""

    poll: Iri
    voters: tuple[Iri, ...]


@dataclass(frozen=True, slots=True)
class PollTakenDown:
    """A poll of ours is gone; `voters` are those who had answered while it was open."""

    poll: Iri
    group: Iri
    public: bool
    voters: tuple[Iri, ...]
    decision: str


@dataclass(frozen=True, slots=True)
class PollDropped:
    """A poll from elsewhere is gone, by the word of its group."""

    poll: Iri


@dataclass(frozen=True, slots=True)
class VoteCast:
    """Somebody here answered a poll of a group elsewhere, by the choices' words."""

    poll: Iri
    group: Iri
    person: Iri
    choices: tuple[str, ...]
