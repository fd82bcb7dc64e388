"""Where what a customer pays goes: percents that make 100, and what each comes to, to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

WORKER = "worker"
KINDS = (WORKER, "insurance", "levy", "fund")

Split: TypeAlias = tuple[tuple[str, int], ...]
"""Percents by kind, the worker's first; they make 100, or nothing is known and there are none."""


class PayPart(msgspec.Struct, frozen=True):
    """Who gets how much of what the customer pays for an hour, in the smallest unit."""

    kind: str
    percent: int
    amount: int


def split_of(percents: Mapping[str, int]) -> Split:
    """Return percents in order, without those that are nothing."""
    return tuple((kind, percents[kind]) for kind in KINDS if percents.get(kind))


def read_split(value: object) -> Split:
    """Read what others say; what does not make 100, some of it the worker's, is nothing."""
    if not isinstance(value, Mapping):
        return ()
    percents = {}
    for kind in KINDS:
        text = str(value.get(kind, "0"))
        if not (text.isascii() and text.isdigit() and len(text) <= 3):
            return ()
        percents[kind] = int(text)
    if sum(percents.values()) != 100 or not percents[WORKER]:
        return ()
    return split_of(percents)


def split_document(split: Split) -> dict[str, str] | None:
    """Write percents as others are told of them, or None when there are none."""
    return {kind: str(percent) for kind, percent in split} or None


def pay_parts(pay: int, split: Split) -> tuple[PayPart, ...]:
    """Say what each part of a price comes to, by the worker's pay for an hour."""
    if not pay or not split:
        return ()
    amounts = split_of_pay(pay, dict(split))
    return tuple(PayPart(kind, percent, amounts[kind]) for kind, percent in split)


def split_of_pay(pay: int, percents: Mapping[str, int]) -> dict[str, int]:
    """Return the parts of a price of which the worker's is known; they add up to that price.

    The others' parts of a cent are dropped, so that the customer pays none for nobody. Raises
    ValueError for percents that do not make 100 or leave nothing to the worker.
    """
    if sum(percents.values()) != 100 or min(percents.values()) < 0 or not percents.get(WORKER):
        raise ValueError("the parts of a price make 100 percent, some of it the worker's")
    return {
        name: pay if name == WORKER else pay * percent // percents[WORKER]
        for name, percent in percents.items()
    }
