"""Hands bytes to servers of other kinds: a gateway for texts, a push service of a browser."""

from __future__ import annotations

from collections.abc import Mapping

from federation import FederationError, Unreachable
from instance.db import Database

TRY_AGAIN = frozenset({408, 425, 429})


async def hand(
    database: Database, url: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str, bool]:
    """Post through the guard of all that is fetched.

    Return the status, or 0 without an answer; why it failed; and whether that is for good.
    """
    try:
        status = await database.federation.fetcher.post(url, body, headers)
    except Unreachable as error:
        return 0, str(error), False
    except FederationError as error:
        return 0, str(error), True
    if 200 <= status < 300:
        return status, "", False
    return status, f"answered {status}", status < 500 and status not in TRY_AGAIN
