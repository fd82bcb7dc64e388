"""A group's week as a table: what its leader sees, and what hangs on the wall."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from federation import Iri


class BoardPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One opening in a cell of the board, or one person's part of it.

    `page` is where people are found for it; `come` are those who come, `asked` how many were asked
    or said yes and are not confirmed, `promised` for how many an ally looks, `open` places are
    nobody's. Among one person's, `sure` says that she comes.
    """

    day: date
    start: datetime
    end: datetime
    title: str
    skill: str
    district: str
    page: str
    borrower: str = ""
    wanted: int = 1
    come: tuple[str, ...] = ()
    asked: int = 0
    promised: int = 0
    open: int = 0
    sure: bool = True


class WeekRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the board: a job, or a person, with what is hers from day to day.

    `detail` is the ally whose job it is, or whose person; `open` counts the places of the row that
    are nobody's; `minutes` are the hours of a person.
    """

    name: str
    detail: str = ""
    district: str = ""
    places: tuple[BoardPlace, ...]
    open: int = 0
    minutes: int = 0


class CoverDay(msgspec.Struct, frozen=True):
    """How many of a day's places for one skill are taken; `lent` ones are allies' to fill."""

    day: date
    come: int
    wanted: int


class CoverRow(msgspec.Struct, frozen=True):
    """How far each day's places for one skill are taken."""

    skill: str
    days: tuple[CoverDay, ...]


class WeekBoard(msgspec.Struct, frozen=True, kw_only=True):
    """A week of a group, by jobs or by people, a part of its rows at a time.

    `lacking` is a row of all open places, above the people; `people` counts those who have
    something to do that week, `members` everybody.
    """

    group: Iri
    group_name: str
    monday: date
    by: str
    rows: tuple[WeekRow, ...]
    lacking: WeekRow | None
    cover: tuple[CoverRow, ...]
    wanted: int
    open: int
    people: int
    page: int
    pages: int

    @property
    def token(self) -> str:
        """The last part of the group's address."""
        return self.group.rpartition("/")[2]

    @property
    def base(self) -> str:
        """The path of the group's board."""
        return f"/groups/{self.token}/board"

    @property
    def days(self) -> tuple[date, ...]:
        """The seven days."""
        return tuple(self.monday + timedelta(days=number) for number in range(7))

    @property
    def previous(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(days=7)

    @property
    def following(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(days=7)
