"""How far it is from a worker's home district to an opening's: whole metres, or unknown."""

from collections.abc import Mapping
from math import isqrt

from matching.model import District


def metres_between(
    home: str | None, there: str | None, districts: Mapping[str, District]
) -> int | None:
    """Measure between the middles of two districts, rounded down; None where one is not known."""
    if home is None or there is None:
        return None
    if home == there:
        return 0
    if home not in districts or there not in districts:
        return None
    one, other = districts[home], districts[there]
    return isqrt((one.east - other.east) ** 2 + (one.north - other.north) ** 2)
