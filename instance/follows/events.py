"""What happened to following."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class FollowWritten:
    """Somebody here is the first to follow a group: it is asked by this id."""

    group: Iri
    follow: Iri


@dataclass(frozen=True, slots=True)
class JobPassedOn:
    """A group here passes on a job of another group, by an activity of this id."""

    group: Iri
    job: Iri
    owner: Iri
    announce: Iri


@dataclass(frozen=True, slots=True)
class JobNotPassedOn:
    """A group here no longer passes on a job."""

    group: Iri
    job: Iri
    owner: Iri
    announce: Iri


@dataclass(frozen=True, slots=True)
class PassingOnEnded:
    """A followed group elsewhere took back that it had passed something on."""

    passed_on: Iri


@dataclass(frozen=True, slots=True)
class FollowEnded:
    """Nobody here follows a group any more."""

    group: Iri
    follow: Iri
