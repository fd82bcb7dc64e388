"""Addresses as people write them: name@host, a web address, one of ours."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from federation import Iri
from instance.db import Tx
from instance.errors import Invalid
from instance.groups.founding import group
from instance.groups.views import GroupView
from instance.network import service as network
from instance.settings import Settings

_ACCT = re.compile(r"(?:acct:)?@?(?P<name>[A-Za-z0-9._-]{1,64})@(?P<host>[A-Za-z0-9.-]+(?::\d+)?)")
_HOST = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z0-9-]+(?::\d+)?|localhost(?::\d+)?")


class Address(msgspec.Struct, frozen=True):
    """What was written, where its page is, whether that is here, and the name if one was given."""

    text: str
    url: str
    here: bool
    name: str = ""


def read_address(text: str, settings: Settings) -> Address:
    """Read the address of a group or person as somebody typed it; raises Invalid.

    Here a name stands for the page `/@name`; other hosts are asked whom they call so.
    """
    text = text.strip()[:500]
    scheme, url = settings.origin.partition("://")[0], text
    if found := _ACCT.fullmatch(text):
        url = f"{scheme}://{found['host'].lower()}/@{found['name']}"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.fragment:
        raise Invalid("An address looks like group@coop.example.", field="address")
    here = f"{parts.scheme}://{parts.netloc}" == settings.origin
    return Address(text, url, here, parts.path[2:] if parts.path.startswith("/@") else "")


def read_home(text: str, settings: Settings) -> str:
    """Read the address of somebody's own co-op as she typed it; returns its origin. Raises Invalid.

    A host, a web address, or her own address there will do.
    """
    text = text.strip()[:500]
    scheme = settings.origin.partition("://")[0]
    if found := _ACCT.fullmatch(text):
        return f"{scheme}://{found['host'].lower()}"
    parts = urlsplit(text if "://" in text else f"{scheme}://{text}")
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.netloc):
        raise Invalid("Your co-op's address looks like coop.example.", field="home")
    return f"{parts.scheme}://{parts.netloc.lower()}"


async def group_named(tx: Tx, address: Address) -> GroupView | None:
    """Return the group here that an address names, or None."""
    if not address.name:
        return await group(tx, address.url)
    actor = await network.actor_named(tx, address.name)
    return await group(tx, Iri(actor.id)) if actor and not actor.gone else None
