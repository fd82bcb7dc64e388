"""The terms of an alliance: what they say, how they travel, and which loans they allow."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import rfc8785

from federation import Iri
from instance import wire
from instance.errors import Conflict, Invalid

ALLY = "ally"
LONGEST_TEXT = 5_000
LONGEST_LINE = 300
MOST_MINUTES = 60 * 100_000
MOST_CENTS = 1_000_000
MOST_LEVY = 50
MOST_NOTICE = 60 * 24 * 60


class LendingMode(enum.StrEnum):
    """In which form labour is lent; law asks that every agreement says so."""

    SERVICE_SUBCONTRACT = "service_subcontract"
    LICENSED_AGENCY = "licensed_agency"
    SECONDMENT = "secondment"
    MUTUAL_AID = "mutual_aid"


class Employer(enum.StrEnum):
    """Who employs the people who are lent, while they are lent."""

    LENDER = "lender"
    BORROWER = "borrower"
    UNSAID = ""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What two groups agreed, as one of them reads it.

    Limits are the minutes that may stand open in each direction. The rate, in the smallest unit
    of `currency` per hour, goes to the worker; the levy comes on top and is charged to the
    borrower, never to the worker. `notice_minutes` is how long before its start a place may be
    taken back.
    """

    minutes_limit_lend: int
    minutes_limit_borrow: int
    rate_cents_per_hour: int
    currency: str
    levy_percent: int
    lending_mode: LendingMode
    employer: Employer
    insurer: str
    notice_minutes: int
    end: date | None = None
    text: str = ""
    licence: str = ""

    def turned(self) -> Terms:
        """Return the same terms as the other group reads them."""
        return msgspec.structs.replace(
            self,
            minutes_limit_lend=self.minutes_limit_borrow,
            minutes_limit_borrow=self.minutes_limit_lend,
        )


def check_terms(terms: Terms) -> None:
    """Raise Invalid, naming the field, for terms that cannot be meant."""
    bounds = {
        "minutes_limit_lend": MOST_MINUTES,
        "minutes_limit_borrow": MOST_MINUTES,
        "rate_cents_per_hour": MOST_CENTS,
        "levy_percent": MOST_LEVY,
        "notice_minutes": MOST_NOTICE,
    }
    for name, most in bounds.items():
        if not 0 <= getattr(terms, name) <= most:
            raise Invalid("This number is too small or too large.", field=name)
    if not (len(terms.currency) == 3 and terms.currency.isascii() and terms.currency.isupper()):
        raise Invalid("A currency is written with three letters, such as HKD.", field="currency")
    for name, most in {"text": LONGEST_TEXT, "insurer": LONGEST_LINE, "licence": 100}.items():
        if len(getattr(terms, name)) > most:
            raise Invalid("This text is too long.", field=name)
    if terms.lending_mode is LendingMode.LICENSED_AGENCY and not terms.licence.strip():
        raise Invalid("A licensed agency has a licence number.", field="licence")


def check_loan(
    terms: Terms, *, start: datetime, end: datetime, minutes: int, minutes_left: int
) -> None:
    """Raise Conflict, naming the clause, when the terms do not allow to lend `minutes` more.

    `start` and `end` are the first and last moment of the work; `minutes_left` is what the limit
    still leaves in this direction.
    """
    if terms.employer is Employer.UNSAID:
        raise Conflict(
            "The clause on the employer is empty: nobody can be lent until the terms say who"
            " employs them.",
            code="terms.employer",
        )
    if not terms.insurer.strip():
        raise Conflict(
            "The clause on insurance is empty: nobody can be lent until the terms say who"
            " insures them.",
            code="terms.insurer",
        )
    if terms.end and end.astimezone(UTC).date() > terms.end:
        raise Conflict(
            "The clause on the end: these terms end on %(end)s, before this work is over.",
            code="terms.end",
            end=terms.end.isoformat(),
        )
    if start >= end or minutes <= 0:
        raise Conflict("There is no working time in this.", code="terms.no_time")
    if minutes > minutes_left:
        raise Conflict(
            "The clause on the limit: this is %(asked)s hours, and the limit leaves %(left)s.",
            code="terms.minutes_limit",
            asked=hours(minutes),
            left=hours(max(minutes_left, 0)),
        )


def check_notice(terms: Terms, *, start: datetime, now: datetime) -> None:
    """Raise Conflict when it is too late to give back or take back a place."""
    if (start - now).total_seconds() < terms.notice_minutes * 60:
        raise Conflict(
            "The clause on notice: places may be given back until %(notice)s hours before the"
            " start.",
            code="terms.notice",
            notice=hours(terms.notice_minutes),
        )


def hours(minutes: int) -> str:
    """Write minutes as hours for a sentence: 3, 3.5, 3.25."""
    return f"{Decimal(minutes) / 60:.2f}".rstrip("0").rstrip(".")


def terms_document(
    terms: Terms, *, subject: Iri, other: Iri, offer: Iri, at: datetime, context: list[Any]
) -> dict[str, Any]:
    """Write terms, as `subject` reads them, as the Relationship that both groups sign."""
    document: dict[str, Any] = {
        "@context": context,
        "type": "Relationship",
        "relationship": ALLY,
        "context": offer,
        "subject": subject,
        "object": other,
        "startTime": wire.instant(at),
        "content": terms.text,
        "terms": {
            "limits": [
                _limit(subject, other, terms.minutes_limit_lend),
                _limit(other, subject, terms.minutes_limit_borrow),
            ],
            "rate": {
                "hasUnit": terms.currency,
                "hasNumericalValue": f"{Decimal(terms.rate_cents_per_hour) / 100:.2f}",
            },
            "levy": str(terms.levy_percent),
            "lendingMode": terms.lending_mode.value,
            "employer": terms.employer.value,
            "insurer": terms.insurer,
            "licence": terms.licence,
            "notice": wire.quantity(terms.notice_minutes),
        },
    }
    if terms.end:
        document["endTime"] = f"{terms.end.isoformat()}T23:59:59Z"
    return document


def read_terms(document: Mapping[str, Any], reader: str) -> Terms:
    """Read the terms in a Relationship as one of its two groups reads them.

    Raises Invalid for terms that cannot be meant, and what `wire` raises for a broken quantity.
    """
    subject, other = document.get("subject"), document.get("object")
    inner = document.get("terms")
    if not isinstance(inner, Mapping) or document.get("relationship") != ALLY:
        raise Invalid("The relationship has no terms of an alliance.")
    limits = inner.get("limits")
    rate = inner.get("rate")
    if not isinstance(limits, list) or len(limits) != 2 or not isinstance(rate, Mapping):
        raise Invalid("The terms name a limit for each direction and a rate.")
    found = {_ends(one): one for one in limits if _is_map(one)}
    if found.keys() != {(subject, other), (other, subject)}:
        raise Invalid("The terms name a limit for each direction.")
    try:
        terms = Terms(
            minutes_limit_lend=wire.minutes_of(found[subject, other].get("effortQuantity")),
            minutes_limit_borrow=wire.minutes_of(found[other, subject].get("effortQuantity")),
            rate_cents_per_hour=_cents(rate.get("hasNumericalValue")),
            currency=str(rate.get("hasUnit"))[:3],
            levy_percent=int(str(inner.get("levy", "0"))[:4]),
            lending_mode=LendingMode(str(inner.get("lendingMode"))),
            employer=Employer(str(inner.get("employer") or "")),
            insurer=str(inner.get("insurer") or ""),
            notice_minutes=wire.minutes_of(inner.get("notice")),
            end=wire.moment_of(document["endTime"]).date() if "endTime" in document else None,
            text=str(document.get("content") or ""),
            licence=str(inner.get("licence") or ""),
        )
    except ValueError as error:
        raise Invalid("The terms hold a word or number that is not known here.") from error
    check_terms(terms)
    return terms if reader == subject else terms.turned()


def signed_text(document: Mapping[str, Any]) -> str:
    """Return the canonical text (RFC 8785) of a Relationship without its proof: what is signed."""
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    return rfc8785.dumps(unsigned).decode()


def _limit(provider: Iri, receiver: Iri, minutes: int) -> dict[str, Any]:
    return {"provider": provider, "receiver": receiver, "effortQuantity": wire.quantity(minutes)}


def _ends(limit: Mapping[str, Any]) -> tuple[object, object]:
    """Return between whom a limit is; what is no address is between nobody."""
    provider, receiver = limit.get("provider"), limit.get("receiver")
    both = isinstance(provider, str) and isinstance(receiver, str)
    return (provider, receiver) if both else (None, None)


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping)


def _cents(value: object) -> int:
    try:
        cents = Decimal(str(value)[:20]) * 100
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not cents.is_finite() or cents != int(cents):
        raise ValueError(value)
    return int(cents)
