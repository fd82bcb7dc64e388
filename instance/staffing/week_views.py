"""What leaders see of a week of their group and of its plan."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from federation import Iri


class WeekProgress(msgspec.Struct, frozen=True):
    """How far the plan of a week has come.

    `stage` is allies, waiting (for another plan to be made), reading, planning, keeping or failed.
    """

    stage: str
    begun: datetime


class AskedAlly(msgspec.Struct, frozen=True, kw_only=True):
    """An ally that could be asked, and for how many `places`; 0 where others are asked first."""

    name: str
    label: str
    places: int
    as_of: datetime | None = None
    silent: bool = False


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom the plan of a week suggests for a place, and by what `id` she is chosen."""

    id: str
    person: Iri
    name: str
    code: str
    values: dict[str, str]


class WeekLine(msgspec.Struct, frozen=True, kw_only=True):
    """An opening of a week: as it stands, whom the plan suggests, and what it leaves open.

    `page` is the page of its places; `ask` where allies are asked for the `unfilled` ones. `open`
    are places that nobody has taken, was asked for, or is suggested for.
    """

    opening: Iri
    page: str
    ask: str
    day: date
    title: str
    skill: str
    level: int
    certificates: tuple[str, ...]
    languages: tuple[str, ...]
    start: datetime
    end: datetime
    wanted: int
    coming: tuple[str, ...]
    asked: int
    promised: int
    open: int
    suggested: tuple[Suggestion, ...] = ()
    unfilled: int = 0
    code: str = ""
    values: dict[str, str] = {}
    allies: tuple[AskedAlly, ...] = ()


class WeekDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day of a week in figures: places wanted, and what became of them."""

    day: date
    shifts: int
    wanted: int
    coming: int
    asked: int
    promised: int
    suggested: int
    open: int


class HoursAt(msgspec.Struct, frozen=True, kw_only=True):
    """Places wanted from one moment to another, and how far they are filled.

    `own` are people of the group who come, `borrowed` those whom allies named or look for,
    `uncertain` those who were asked or are suggested.
    """

    start: datetime
    end: datetime
    wanted: int
    own: int
    borrowed: int
    uncertain: int


class WeekPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A week of a group with its plan.

    `day` is the one that is shown, None where the whole week fits on a page. When the plan was
    made (`found`), `filled` of `places` could be filled, and no plan can fill more than `at_most`.
    """

    group: Iri
    group_name: str
    monday: date
    day: date | None
    days: tuple[WeekDay, ...]
    hours: tuple[HoursAt, ...]
    lines: tuple[WeekLine, ...]
    progress: WeekProgress | None
    found: datetime | None = None
    decision: str = ""
    places: int = 0
    filled: int = 0
    at_most: int = 0
    lent_open: int = 0

    @property
    def base(self) -> str:
        """The page's own address."""
        return f"/groups/{self.group.rpartition('/')[2]}/plan"

    @property
    def suggested(self) -> int:
        """How many people can be asked now, in the whole week."""
        return sum(one.suggested for one in self.days)

    @property
    def previous(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(days=7)

    @property
    def following(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(days=7)


class Refused(msgspec.Struct, frozen=True):
    """Somebody whom the plan suggested and who cannot be asked any more.

    `code` is called_off, too_late, shares_nothing, place_taken, not_free, not_able or answered;
    `title` and `start` are those of the shift, where it still stands.
    """

    name: str
    code: str
    title: str
    start: datetime | None


class WeekAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking those whom the plan of a week suggests.

    `already` were asked before, `gone` is how many of those chosen are in the plan no more.
    """

    invites: tuple[Iri, ...]
    already: int
    gone: int
    refused: tuple[Refused, ...]
