"""What matching answers: frozen values, with all that is needed to compute them again."""

from typing import Literal

import msgspec

from matching.model import CoarseCount, Identifier

RULE_VERSION = "3"
"""Raised with every change that may give another plan for the same problem."""

Tier = Literal["fair", "improved", "exact", "fairest"]
"""*Fair*: in turns, mended. *Improved*: begun from a relaxed programme. *Exact*: no plan fills
more places. *Fairest*: nor is any better by the voted order, but for the lot."""


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Why, as a code and named values; the pages make words of it, in the reader's language."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, /, **values: str | int) -> "Reason":
        """Make a reason from plain values, in the order of their names."""
        return cls(code, tuple((name, str(values[name])) for name in sorted(values)))


class Assignment(
    msgspec.Struct, frozen=True, order=True, kw_only=True, forbid_unknown_fields=True, gc=False
):
    """A suggestion: this worker for this opening. It promises nothing; she has not been asked.

    `via` is the alliance by which she is lent, or the other group of the leader that she is in;
    None for the group's own people.
    """

    opening: Identifier
    worker: Identifier
    via: Identifier | None = None


class AllyOption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ally that could be asked for a place, with the coarse count to show."""

    group: Identifier
    alliance: Identifier
    label: CoarseCount


class Unfilled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Places for which nobody could be suggested, and the allies to ask, first to last."""

    opening: Identifier
    places: int
    reason: Reason
    ally_options: tuple[AllyOption, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What matching suggests, and all that is needed to compute it again to the byte.

    No plan of this problem fills more places than `at_most`, None where that was not computed.
    `tier` is how it was made. Why each worker is suggested or not: `matching.explain`.
    """

    problem: Identifier
    problem_hash: str
    rule_version: str
    seed: Identifier
    tier: Tier
    assignments: tuple[Assignment, ...]
    unfilled: tuple[Unfilled, ...]
    at_most: int | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why one worker is suggested for an opening or is not, and what would change that.

    `change` is None where nothing that can be told would, or where it was not asked for; it was
    seen to be true by planning again.
    """

    worker: Identifier
    suggested: bool
    reason: Reason
    change: Reason | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why each worker of a problem is suggested for an opening or is not.

    `ruled_out` counts those whom each hard rule is the first to exclude.
    """

    opening: Identifier
    told: tuple[Told, ...]
    ruled_out: tuple[tuple[str, int], ...]


class Supposed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan of what was supposed: `more` are in it alone, `fewer` only in the plan before.

    Somebody who is moved stands in both. `filled` and `filled_before` count places.
    """

    plan: Plan
    filled: int
    filled_before: int
    more: tuple[Assignment, ...]
    fewer: tuple[Assignment, ...]
