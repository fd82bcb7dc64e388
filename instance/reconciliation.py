"""Which of the things we say and hear two instances compare, and under which names.

What belongs to none of these kinds may lapse: public posts, and whatever follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from federation import Federation
from federation.kinds import Items

MEMBERSHIPS: Final = frozenset(
    {
        ("Join", "Group"),
        ("Leave", "Group"),
        ("Invite", "Group"),
        ("Undo", "Join", "*"),
        ("Accept", "Join", "*"),
        ("Reject", "Join", "*"),
        ("Accept", "Invite", "Group"),
        ("Reject", "Invite", "Group"),
        ("Undo", "Invite", "Group"),
        ("Add", "Person"),
        ("Remove", "Person"),
        ("Move", "*"),
    }
)

# By what the innermost activity is about.
ABOUT: Final[Mapping[str, str]] = {
    "DataShare": "shares",
    "Relationship": "alliances",
    "Proposal": "agreements",
    "Agreement": "agreements",
    "Commitment": "promises",
    "Event": "details",
    "EconomicEvent": "hours",
}

TOLD_WHOLE: Final = ("details", "shares")
"""Of these each activity tells the whole anew, so that only the latest is compared."""

BALANCES: Final = "balances"
"""What both sides read out of their own books."""


def kind_of(chain: tuple[str, ...]) -> str | None:
    """Return the kind under which peers compare a chain of types, or None."""
    return "memberships" if chain in MEMBERSHIPS else ABOUT.get(chain[-1])


def introduce(federation: Federation, books: Mapping[str, Items]) -> None:
    """Tell the federation which kinds supersede themselves, and what is read out of books."""
    for kind in TOLD_WHOLE:
        federation.kinds.supersede(kind)
    for kind, items in books.items():
        federation.compare(kind, items)
