"""The file that a person keeps: her own key, whose it is, and the groups that should follow her."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from federation import FederationError, Iri, KeyPair, identities_of, origin_of, state_identity
from instance.errors import Invalid
from instance.groups.documents import read_fields, read_memberships
from instance.groups.views import host_of

MOST_BYTES = 100_000
"""How large a file may be: a tenth of what aiohttp keeps in memory and does not put on the disk."""
_LEADING = "\ufeff \t\r\n"

Key = KeyPair


class KeyFile(msgspec.Struct, frozen=True, rename="camel"):
    """What stands in the file. `groups` are written as in a `Move`: group, name, fields, until."""

    read_me: str
    handle: str
    secret_key_multibase: str
    statement: dict[str, Any]
    groups: list[dict[str, Any]] = []

    def __repr__(self) -> str:  # what is logged of an error shows no key
        return f"KeyFile({self.handle!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("handle", self.handle)]

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"ayni-key-{self.handle.replace('@', '-').replace(':', '-')}.txt"

    @property
    def text(self) -> str:
        """The file itself: words that anybody can read first."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1).decode()


class HeldKey(msgspec.Struct, frozen=True):
    """A key as its holder brings it: the account it speaks for, and the groups of that account."""

    key: KeyPair
    account: Iri
    handle: str
    groups: Sequence[tuple[Iri, str, Sequence[str], datetime]]


def new_key() -> Key:
    """Make a key that nobody has yet."""
    return KeyPair.generate_ed25519()


def stated(person: Iri, key: Key, now: datetime) -> dict[str, Any]:
    """Write what a key signs of whose it is, for her actor to carry."""
    return state_identity(person, key, now)


def read_key_file(data: bytes) -> HeldKey:
    """Read a file that somebody brings; its key has to have signed whose it is. Raises Invalid."""
    if not data.strip():
        raise Invalid("Choose the file with your key.", field="file")
    try:
        text = data[: MOST_BYTES + 1].decode("utf-8").strip(_LEADING)
        file = msgspec.json.decode(text, type=KeyFile) if len(data) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        file = None
    if file is None:
        raise Invalid(
            "This is not a file with a key. The name of yours begins with ayni-key.", field="file"
        )
    try:
        return _held(file)
    except (ValueError, FederationError) as error:
        raise Invalid(
            "This file is damaged, or somebody has changed it. Try another copy of it.",
            field="file",
        ) from error


def _held(file: KeyFile) -> HeldKey:
    key = KeyPair.from_secret_multibase(file.secret_key_multibase)
    account = Iri(str(file.statement.get("alsoKnownAs")))
    origin_of(account)
    if identities_of({"id": account, "attachment": [file.statement]}) != {key.did_key}:
        raise ValueError("the key has not signed whose it is")
    username = file.handle.partition("@")[0][:100]
    groups = []
    for group, name, fields, until in read_memberships(file.groups):
        origin_of(group)
        groups.append((group, name, read_fields(list(fields)), until))
    return HeldKey(key, account, f"{username}@{host_of(account)}", groups)
