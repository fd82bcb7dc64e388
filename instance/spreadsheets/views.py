"""What an import would do, or did: one outcome for each row or person, and every fault."""

from __future__ import annotations

import enum
from collections import Counter

import msgspec

from instance.spreadsheets.columns import Sheet
from instance.spreadsheets.faults import Fault, Remark


class What(enum.StrEnum):
    """What becomes of somebody or something in a file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # hers: she has taken it into her own hands


class Outcome(msgspec.Struct, frozen=True):
    """What becomes of one person or job: `details` names what is new or different."""

    line: int
    name: str
    what: What
    details: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """The result of reading a file against what is here. With faults nothing is done at all."""

    sheet: Sheet
    group: str
    outcomes: tuple[Outcome, ...] = ()
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Remark, ...] = ()
    done: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many were or would be created, changed, left as they are, and refused."""
        counted = Counter(one.what.value for one in self.outcomes)
        refused = len({one.line for one in self.faults})
        return {**{what.value: counted[what.value] for what in What}, "refused": refused}

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return any(one.what in {What.CREATED, What.CHANGED} for one in self.outcomes)
