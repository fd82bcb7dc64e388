"""What becomes of a promise at the worker's home: the two tables of the handshake, as data."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


class PromiseState(enum.StrEnum):
    """How far an invitation has come at home. None stands for one nobody has heard of yet."""

    INVITED = "invited"
    HELD = "held"
    CONFIRMED = "confirmed"
    DONE = "done"
    CALLED_OFF = "called off"
    RELEASED = "released"
    REFUSED = "refused"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN_HELD = "withdrawn held"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


TAKES_TIME = frozenset({PromiseState.HELD, PromiseState.CONFIRMED, PromiseState.DONE})
"""The states in which the time is hers to keep, so that nothing else may overlap it."""


class Heard(enum.StrEnum):
    """What a group says to her home."""

    INVITE = "Invite"
    UNDO_INVITE = "Undo{Invite}"
    ACCEPT = "Accept{her Accept}"
    REJECT = "Reject{her Accept}"


class Act(enum.StrEnum):
    """What she does, or the clock for her."""

    YES = "yes"
    NOT_FREE = "yes but not free"
    NO = "no"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    DROP_OUT = "drop out"
    END = "shift ends"


class Said(enum.StrEnum):
    """What her home says to the group."""

    ACCEPT_INVITE = "Accept{Invite}"
    REJECT_INVITE = "Reject{Invite}"
    UNDO_ACCEPT = "Undo{Accept}"
    CREATE_COMMITMENT = "Create{Commitment}"
    UNDO_CREATE = "Undo{Create{Commitment}}"


@dataclass(frozen=True, slots=True)
class Step:
    """The state that comes next, and what is sent when it does."""

    becomes: PromiseState
    says: Said | None = None


_S = PromiseState

ON_HEARING: Mapping[tuple[PromiseState | None, Heard], Step] = MappingProxyType(
    {
        (None, Heard.INVITE): Step(_S.INVITED),
        (None, Heard.UNDO_INVITE): Step(_S.CALLED_OFF),
        (_S.INVITED, Heard.UNDO_INVITE): Step(_S.CALLED_OFF),
        (_S.HELD, Heard.UNDO_INVITE): Step(_S.CALLED_OFF),
        (_S.CONFIRMED, Heard.UNDO_INVITE): Step(_S.CALLED_OFF),
        (_S.HELD, Heard.ACCEPT): Step(_S.CONFIRMED, Said.CREATE_COMMITMENT),
        (_S.HELD, Heard.REJECT): Step(_S.RELEASED),
    }
)

ON_ACTING: Mapping[tuple[PromiseState, Act], Step] = MappingProxyType(
    {
        (_S.INVITED, Act.YES): Step(_S.HELD, Said.ACCEPT_INVITE),
        (_S.INVITED, Act.NOT_FREE): Step(_S.REFUSED, Said.REJECT_INVITE),
        (_S.INVITED, Act.NO): Step(_S.DECLINED, Said.REJECT_INVITE),
        (_S.HELD, Act.EXPIRE): Step(_S.EXPIRED, Said.UNDO_ACCEPT),
        (_S.HELD, Act.WITHDRAW): Step(_S.WITHDRAWN_HELD, Said.UNDO_ACCEPT),
        (_S.CONFIRMED, Act.DROP_OUT): Step(_S.WITHDRAWN, Said.UNDO_CREATE),
        (_S.CONFIRMED, Act.END): Step(_S.DONE),
    }
)


def hear(state: PromiseState | None, heard: Heard) -> Step | None:
    """Return what a message leads to; None when it changes nothing in this state."""
    return ON_HEARING.get((state, heard))


def act(state: PromiseState, does: Act) -> Step | None:
    """Return what an act leads to; None when it cannot be done in this state."""
    return ON_ACTING.get((state, does))


def is_replaced(state: PromiseState, newer: PromiseState) -> bool:
    """Tell whether an older promise gives way: when the one that replaces it is confirmed."""
    return state is PromiseState.CONFIRMED and newer is PromiseState.CONFIRMED
