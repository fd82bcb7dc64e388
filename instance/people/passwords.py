"""Passwords: hashed with argon2id, slowly and on threads of their own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from instance.errors import Invalid

SHORTEST = 10
LONGEST = 200

# RFC 9106 with less memory: two at a time fit into a server of 512 MB beside everything else.
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


def check(password: str, username: str) -> None:
    """Refuse a password that is guessed soon; raise Invalid."""
    if len(password) < SHORTEST:
        raise Invalid(
            "A password has at least %(count)s characters.", field="password", count=SHORTEST
        )
    if len(password) > LONGEST:
        raise Invalid(
            "A password has at most %(count)s characters.", field="password", count=LONGEST
        )
    if len(set(password.casefold())) < 5 or username in password.casefold():
        raise Invalid(
            "This password is guessed too easily. Three unrelated words make a good one.",
            field="password",
        )


async def hashed(password: str) -> str:
    """Hash a password; call it outside any transaction."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def matches(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one kept; as slow when nothing is kept.

    Call it outside any transaction.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, _verify, password[: LONGEST + 1], kept)


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _verify(password: str, kept: str | None) -> bool:
    try:
        return _HASHER.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of an account that does not exist")
