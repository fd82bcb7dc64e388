"""Pay and its parts in whole cents, without a cent lost: what does not divide is the worker's."""

from __future__ import annotations

from collections.abc import Mapping

HOUR = 60


def pay_cents(minutes: int, cents_per_hour: int) -> int:
    """Return the pay for some minutes; a part of a cent is rounded up, for the worker."""
    return -(-minutes * cents_per_hour // HOUR)


def levy_cents(minutes: int, cents_per_hour: int, percent: int) -> int:
    """Return the levy that a borrower owes on top of the pay; a part of a cent is dropped."""
    return minutes * cents_per_hour * percent // (HOUR * 100)


def split_cents(total: int, percents: Mapping[str, int], worker: str = "worker") -> dict[str, int]:
    """Split an amount by percents that add up to 100; the remainder goes to the worker.

    Raises ValueError for percents that do not add up or have no share for the worker.
    """
    if worker not in percents or sum(percents.values()) != 100 or min(percents.values()) < 0:
        raise ValueError("the parts of an amount add up to 100 percent")
    parts = {name: total * percent // 100 for name, percent in percents.items()}
    parts[worker] += total - sum(parts.values())
    return parts
