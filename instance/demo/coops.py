"""The three co-ops of the demonstration: where they live and what their files say."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

BEGIN = date(2027, 1, 4)
PORT = 8101
ZONE = ZoneInfo("Asia/Hong_Kong")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


class Coop(msgspec.Struct, frozen=True):
    """One co-op of the demonstration, at its port on this machine."""

    key: str
    port: int
    folder: str

    @property
    def origin(self) -> str:
        """Its address, for good."""
        return f"http://{self.key}.localhost:{self.port}"

    @property
    def config(self) -> Path:
        """Where its settings are."""
        return Path(self.folder) / "ayni.toml"

    @property
    def guide(self) -> Path:
        """The text on its first page."""
        return Path(self.folder) / "welcome.md"


class Group(msgspec.Struct, frozen=True):
    """A group of a co-op, as groups.csv has it."""

    key: str
    name: str
    district: str


KEYS = ("care", "wash", "green")


def coops(folder: Path, port: int) -> tuple[Coop, ...]:
    """Return the three co-ops with ports in a row and a folder for each."""
    return tuple(Coop(key, port + n, str(folder / key)) for n, key in enumerate(KEYS))


def groups_of(key: str) -> tuple[Group, ...]:
    """Return a co-op's groups, the co-op itself first."""
    rows = csv.DictReader(_text("groups.csv").splitlines(), strict=True)
    return tuple(
        Group(row["key"], f"{row['en']} {row['zh_hant']}", row["district"])
        for row in rows
        if row["coop"] == key
    )


def people_of(key: str) -> list[dict[str, str]]:
    """Return the rows of a co-op's people."""
    return list(csv.DictReader(_text(f"{key}_people.csv").splitlines(), strict=True))


def weeks_until(today: date) -> int:
    """Return by how many weeks the world is moved, so that it begins on the next Monday."""
    monday = today + timedelta(days=7 - today.weekday())
    return (monday - BEGIN).days // 7


def last_workday(today: date) -> date:
    """Return the last day before today that is no weekend: somebody works then in any week."""
    day = today - timedelta(days=1)
    return day - timedelta(days=max(0, day.weekday() - 4))


def beginning(today: date) -> datetime:
    """Return when the world begins: two days before the shift that is over, at ten."""
    return datetime.combine(last_workday(today) - timedelta(days=2), time(10), ZONE).astimezone(UTC)


def sheet(key: str, name: str, weeks: int) -> bytes:
    """Return one of a co-op's files with every date moved by whole weeks."""

    def moved(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + timedelta(weeks=weeks)).isoformat()

    return _DATE.sub(moved, _text(f"{key}_{name}.csv")).encode()


def _text(name: str) -> str:
    return (resources.files("instance.demo") / "data" / name).read_text(encoding="utf-8")
