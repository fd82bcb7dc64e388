"""Jobs that repeat as values, for their leaders."""

from __future__ import annotations

from datetime import date, datetime, time

import msgspec

from federation import Iri
from instance.jobs.views import JobDetails, NewOpening


class RepeatedDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which a job repeats: shifts that are published, or what is still to come.

    `left_out` says that it does not take place that day; `page` is its job's, once published.
    """

    day: date
    start: datetime
    end: datetime
    page: str = ""
    called_off: bool = False
    left_out: bool = False


class RepeatedHours(msgspec.Struct, frozen=True):
    """A stretch of each day on which a job repeats, by the clock of the place."""

    start: time
    end: time
    openings: tuple[NewOpening, ...]


class RepeatingView(msgspec.Struct, frozen=True, kw_only=True):
    """A job that repeats: on which days, what is published of it, and what is to come.

    `days` are as in RFC 5545 (MO, TU …); `times` 0 and `until` None mean without end. `over` says
    that its last day has passed.
    """

    iri: Iri
    group: Iri
    group_name: str
    details: JobDetails
    hours: tuple[RepeatedHours, ...]
    days: tuple[str, ...]
    every: int
    until: date | None
    times: int
    first: date
    timezone: str
    stopped: datetime | None
    over: bool
    coming: tuple[RepeatedDay, ...] = ()

    @property
    def token(self) -> str:
        """The last part of its address."""
        return self.iri.rpartition("/")[2]

    @property
    def page(self) -> str:
        """The path of its page."""
        return f"/jobs/repeating/{self.token}"


class RepeatingPage(msgspec.Struct, frozen=True):
    """The jobs that repeat in the groups somebody leads."""

    repeating: tuple[RepeatingView, ...]
