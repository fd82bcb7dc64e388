"""What pages show of codes at doors, and of who came."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from federation import Iri

SOON = timedelta(minutes=2)


class WhoCame(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who came to a shift: when by her telephone, and when that was received."""

    name: str
    arrived: datetime
    received: datetime

    @property
    def late_word(self) -> bool:
        """Whether word of it came so much later that both moments are shown."""
        return self.received - self.arrived > SOON


class ShiftDoor(msgspec.Struct, frozen=True, kw_only=True):
    """The code of one shift, the address that leads to it, and who has come."""

    shift: Iri
    start: datetime
    end: datetime
    timezone: str
    code: str
    address: str
    came: tuple[WhoCame, ...]


class DoorSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What a leader prints for a customer's door; `missing` shifts have no code yet."""

    job: Iri
    title: str
    group_name: str
    missing: int
    shifts: tuple[ShiftDoor, ...]


class ShiftHere(msgspec.Struct, frozen=True, kw_only=True):
    """A shift that she is expected at about now, and what she has said of being there.

    `state` is empty until she has said something; `reason` is why the group did not take it.
    """

    promise: str
    title: str
    group_name: str
    start: datetime
    end: datetime
    timezone: str
    now: bool
    state: str = ""
    reason: str = ""
    arrived: datetime | None = None
    received: datetime | None = None
    left: datetime | None = None

    @property
    def is_here(self) -> bool:
        """Whether she has said that she is here, and nobody said that the code is wrong."""
        return self.state in {"sent", "taken"}

    @property
    def late_word(self) -> bool:
        """Whether word of it came so much later that both moments are shown."""
        return bool(self.arrived and self.received and self.received - self.arrived > SOON)


class AtDoor(msgspec.Struct, frozen=True, kw_only=True):
    """The page that a code at a door leads to: her shifts about now, and the code.

    `elsewhere` is where the same page stands at a co-op whose name she typed.
    """

    code: str
    shifts: tuple[ShiftHere, ...]
    elsewhere: str = ""
