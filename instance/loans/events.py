"""What happened to labour asked of allies and lent to them.

A loan is named by the Offer that began it; `side` is `borrower` or `lender`: both sides keep a row
of their own, and both may live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from federation import Iri


@dataclass(frozen=True, slots=True)
class LoanAsked:
    """Labour was asked of an ally (`borrower`), or an ally asks for it (`lender`)."""

    ask: Iri
    side: str
    group: Iri
    ally: Iri


@dataclass(frozen=True, slots=True)
class AskChanged:
    """What we ask is different now: other hours, or fewer places."""

    ask: Iri


@dataclass(frozen=True, slots=True)
class AskWithdrawn:
    """An ask is over: taken back by us (`borrower`), or by the ally (`lender`)."""

    ask: Iri
    side: str


@dataclass(frozen=True, slots=True)
class LoanOffered:
    """Labour was offered to an ally (`lender`), or an ally offers it (`borrower`)."""

    loan: Iri
    side: str
    group: Iri
    ally: Iri


@dataclass(frozen=True, slots=True)
class LoanAccepted:
    """A loan stands from now on, on this side; its places are promised."""

    loan: Iri
    side: str
    group: Iri
    ally: Iri
    agreement: Iri


@dataclass(frozen=True, slots=True)
class LoanRefused:
    """An offered loan was not taken; `code` names the clause or the reason."""

    loan: Iri
    side: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class LoanChanged:
    """A standing loan has fewer places, or its hours moved; `by_us` says that our side did it.

    `release` names the promises that the borrower wants to let go; empty: the lender chooses.
    """

    loan: Iri
    side: str
    agreement: Iri
    openings: tuple[Iri, ...]
    by_us: bool
    release: tuple[Iri, ...] = ()


@dataclass(frozen=True, slots=True)
class LoanMoved:
    """The hours of an opening in a standing loan moved: the lender asks its people again."""

    loan: Iri
    side: str
    agreement: Iri
    opening: Iri
    old_start: datetime
    old_end: datetime


@dataclass(frozen=True, slots=True)
class LoanEnded:
    """A loan is over before its work was done; `by_us` says that our side ended it."""

    loan: Iri
    side: str
    group: Iri
    ally: Iri
    agreement: Iri | None
    code: str
    by_us: bool
