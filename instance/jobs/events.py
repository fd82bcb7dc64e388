"""What happened to jobs and their shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from federation import Iri


@dataclass(frozen=True, slots=True)
class JobPosted:
    """A group published a job."""

    job: Iri


@dataclass(frozen=True, slots=True)
class JobChanged:
    """What a job says has changed; its version is a new one."""

    job: Iri


@dataclass(frozen=True, slots=True)
class ShiftMoved:
    """A shift of a job begins or ends at another moment than before."""

    job: Iri
    shift: Iri
    old_start: datetime
    old_end: datetime


@dataclass(frozen=True, slots=True)
class ShiftCalledOff:
    """A shift of a job will not take place."""

    job: Iri
    shift: Iri


@dataclass(frozen=True, slots=True)
class JobCalledOff:
    """No shift of a job will take place: the job is gone."""

    job: Iri
