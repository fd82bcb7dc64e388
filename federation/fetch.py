"""Fetching other hosts' documents: signed, bounded, and never from where we must not look."""

from __future__ import annotations

import asyncio
import enum
import ipaddress
import re
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDictProxy
from yarl import URL

from federation.activity import (
    ACTIVITY_JSON,
    LD_JSON,
    MAX_BYTES,
    Document,
    decode,
    owner_of,
    refuse_tricks,
)
from federation.errors import FederationError, Gone, Malformed, Missing, TooLarge, Unreachable
from federation.iri import origin_of, same_origin, without_fragment
from federation.knocking import Knocker, Signer
from federation.limits import Fetches
from federation.sidebyside import Places
from federation.standing import Standings

MAX_REDIRECTS = 3
LOOKED_UP_AT_ONCE = 32
KEYS_AT_ONCE = 100
QUICK_KEY = 1.0
_REDIRECTS = {301, 302, 303, 307, 308}
_ACCEPT = f"{ACTIVITY_JSON}, {LD_JSON}"
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


# Some resolvers read 2130706433, 0x7f.1 and 0177.1 as addresses.
_NUMERIC_HOST = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where this host may connect to. Everything but public https is off unless switched on.

    `names` maps pretend host names to (address, port), for networks inside one machine: then no
    other name is resolved, and a name that changes is noticed at once.
    `deadline` is how long one exchange may take, in seconds, whatever it is made of.
    """

    plain_http: bool = False
    loopback: bool = False
    user_agent: str = "ayni"
    names: Mapping[str, tuple[str, int]] | None = None
    deadline: float = 10.0

    def check(self, url: str | URL) -> URL:
        """Return the URL if we may go there; raise Malformed otherwise."""
        origin_of(str(url))
        try:
            target = URL(str(url))
        except ValueError as error:
            raise Malformed("This is no address.") from error
        if target.scheme != "https" and not self.plain_http:
            raise Malformed(f"{target.scheme} addresses are not fetched.")
        if target.scheme == "https" and target.port != 443 and not self.loopback:
            raise Malformed("Only port 443 is fetched.")
        host = (target.host or "").rstrip(".")
        address = _literal(host)
        if address is None and _NUMERIC_HOST.fullmatch(host):
            raise Malformed(f"{host} is an address in disguise.")
        if address is not None and not self.allows(address):
            raise Malformed(f"{host} is not a public address.")
        return target

    def allows(self, address: Address) -> bool:
        """Tell whether an address may be connected to, looking through every IPv6 wrapping."""
        inner = _unwrapped(address)
        if inner.is_loopback and self.loopback:
            return True
        if isinstance(inner, ipaddress.IPv6Address) and inner not in _GLOBAL_UNICAST:
            return False
        return inner.is_global and not inner.is_multicast and not inner.is_reserved


class GuardedResolver(AbstractResolver):
    """Resolves names once and hands out only addresses that may be connected to.

    Names under `.localhost` are loopback (RFC 6761) whatever the system's resolver says. It asks
    in threads of its own: a name server that keeps silent holds one for as long as it likes.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._threads = ThreadPoolExecutor(LOOKED_UP_AT_ONCE, "names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the checked addresses of a host; raise OSError when none may be used."""
        if self._reach.names is not None:
            if host not in self._reach.names:
                raise OSError(None, f"{host} is not in this network")
            return [_result(host, *self._reach.names[host])]
        if host == "localhost" or host.endswith(".localhost"):
            found = ["127.0.0.1"]
        else:
            found = await asyncio.get_running_loop().run_in_executor(
                self._threads, _addresses_of, host, port, family
            )
        addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in found]
        if not addresses or not all(self._reach.allows(one) for one in addresses):
            raise OSError(None, f"{host} has no address that may be connected to")
        return [_result(host, str(one), port) for one in addresses]

    async def close(self) -> None:
        """Wait for nobody who is still asked."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Purpose(enum.Enum):
    """What another server is asked for: a `KEY` is what anybody can make us ask for.

    Each has connections and look-ups of names of its own, so that none waits for another's.
    """

    DELIVERY = enum.auto()
    DOCUMENT = enum.auto()
    KEY = enum.auto()


class Client:
    """The one client through which this host reaches all others.

    How many connections there are is bounded by those who ask, since whoever waited for one here
    would be told that the other server cannot be reached.
    """

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self._resolvers: list[GuardedResolver] = []
        self._sessions: dict[Purpose, aiohttp.ClientSession] = {}

    async def open(self) -> None:
        """Open the connections' pools; call it inside the running loop."""
        self._sessions = {purpose: self._open() for purpose in Purpose}

    def _open(self) -> aiohttp.ClientSession:
        deadline, resolver = self.reach.deadline, GuardedResolver(self.reach)
        self._resolvers.append(resolver)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=resolver,
                limit=0,
                limit_per_host=8,
                ttl_dns_cache=60,
                use_dns_cache=self.reach.names is None,
                force_close=self.reach.names is not None,
            ),
            headers={"User-Agent": self.reach.user_agent},
            timeout=aiohttp.ClientTimeout(total=deadline, connect=deadline / 2),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            await session.close()
        for resolver in self._resolvers:
            await resolver.close()

    def session(self, purpose: Purpose) -> aiohttp.ClientSession:
        """Return the open session for a purpose; raise KeyError before `open`."""
        return self._sessions[purpose]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came, read as far as we ever read."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class Fetcher:
    """Fetches ActivityStreams documents, signed in the name of an actor."""

    def __init__(
        self, client: Client, knocker: Knocker, standings: Standings, fetches: Fetches
    ) -> None:
        self._client = client
        self.knocker = knocker
        self.standings = standings
        self.fetches = fetches
        self._places_for_keys = Places(KEYS_AT_ONCE, KEYS_AT_ONCE, QUICK_KEY)

    async def get_document(
        self, iri: str, signer: Signer, purpose: Purpose = Purpose.DOCUMENT
    ) -> Document:
        """Fetch the document with this id from its own origin (FEP-fe34).

        Raise Gone on 404 and 410, Unreachable when it cannot be had now, Malformed when what
        came is not the document that was asked for.
        """
        asked = without_fragment(iri)
        document = await self._get(asked, signer, purpose)
        claimed = str(document.get("id"))
        if claimed not in {iri, asked}:
            _require_origin(claimed, iri)
            document = await self._get(without_fragment(claimed), signer, purpose)
            if document.get("id") != claimed:
                raise Malformed(f"{claimed} does not answer with itself.")
        for owner in _owners_of(document):
            _require_origin(owner, claimed)
        return document

    async def get_json(self, url: str) -> Any:
        """Fetch a plain JSON document (WebFinger, NodeInfo), unsigned, wherever it has moved."""
        _, body, _ = await self._read(url, {"Accept": "application/jrd+json, application/json"})
        return decode(body)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Hand bytes to a server of another kind, guarded like a fetch; return its status.

        Raise Malformed for an address that may not be reached, Unreachable when no answer comes.
        """
        target = self._client.reach.check(url)
        asking = self._client.session(Purpose.DOCUMENT).post(
            target, data=body, headers=headers, allow_redirects=False
        )
        try:
            async with asyncio.timeout(self._client.reach.deadline), asking as answer:
                return answer.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{target.host} cannot be reached now.") from error

    async def _get(self, iri: str, signer: Signer, purpose: Purpose) -> Document:
        """Fetch a document that answers at its own origin, whatever it says it is."""
        url, body, content_type = await self._read(iri, {"Accept": _ACCEPT}, signer, purpose)
        _require_origin(url, iri)
        if not _is_activity_type(content_type):
            raise Malformed(f"{url} answered with {content_type or 'no content type'}.")
        document = decode(body)
        if not isinstance(document, dict):
            raise Malformed(f"{url} did not answer with a JSON object.")
        refuse_tricks(document)
        return document

    async def _read(
        self,
        url: str,
        headers: Mapping[str, str],
        signer: Signer | None = None,
        purpose: Purpose = Purpose.DOCUMENT,
    ) -> tuple[str, bytes, str]:
        try:
            async with asyncio.timeout(self._client.reach.deadline):
                return await self._follow(url, headers, signer, purpose)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{url} cannot be reached now.") from error

    async def _follow(
        self, url: str, headers: Mapping[str, str], signer: Signer | None, purpose: Purpose
    ) -> tuple[str, bytes, str]:
        for _ in range(MAX_REDIRECTS + 1):
            target = self._client.reach.check(url)
            await self.standings.require_unblocked(url)

            async def send(signed: Mapping[str, str], target: URL = target) -> _Answer:
                asking = self._exchange(target, {**headers, **signed}, purpose)
                if purpose is not Purpose.KEY:
                    return await asking
                return await self._places_for_keys.hold(asking)

            if signer:
                answer = await self.knocker.ask(signer, "GET", target, None, send)
            else:
                answer = await send({})
            if answer.status not in _REDIRECTS:
                _refuse_failure(url, answer.status)
                return url, answer.body, answer.headers.get("Content-Type", "")
            url = _onward(target, answer.headers.get("Location", ""), leave=signer is None)
        raise Malformed(f"{url} redirects more than {MAX_REDIRECTS} times.")

    async def _exchange(self, target: URL, headers: Mapping[str, str], purpose: Purpose) -> _Answer:
        async with self._client.session(purpose).get(
            target, headers=headers, allow_redirects=False
        ) as answer:
            body = await _bounded(answer) if answer.status == 200 else b""
            return _Answer(answer.status, answer.headers, body)


def _addresses_of(host: str, port: int, family: socket.AddressFamily) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
    return [str(answer[4][0]) for answer in answers]


def _onward(target: URL, location: str, *, leave: bool) -> str:
    """Return where a redirect leads; only what nobody signs for may leave its origin."""
    try:
        onward = target.join(URL(location))
    except ValueError as error:
        raise Malformed("A redirect leads nowhere.") from error
    if onward.scheme != target.scheme or not (leave or onward.origin() == target.origin()):
        raise Malformed("A redirect to another scheme or origin is not followed.")
    return str(onward)


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge("The document is larger than 1 MB.")
    return bytes(body)


def _owners_of(document: Document) -> set[str]:
    """Return whose a document says it is (FEP-fe34); an actor is its own, whoever runs it."""
    if "inbox" in document and "outbox" in document:
        return set()
    named = (owner_of(document), owner_of({"attributedTo": document.get("attributedTo")}))
    return {one for one in named if one is not None}


def _require_origin(iri: str, expected: str) -> None:
    if not same_origin(iri, expected):
        raise Malformed(f"What stands at {expected} belongs to another origin.")


def _refuse_failure(url: str, status: int) -> None:
    if status == 410:
        raise Gone(f"{url} is gone.")
    if status == 404:
        raise Missing(f"There is nothing at {url}.")
    if status != 200:
        error: type[FederationError] = Malformed if status in {400, 403, 406} else Unreachable
        raise error(f"{url} answered {status}.")


def _is_activity_type(content_type: str) -> bool:
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind == ACTIVITY_JSON:
        return True
    return kind == "application/ld+json" and "https://www.w3.org/ns/activitystreams" in parameters


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _unwrapped(address: Address) -> Address:
    """See through IPv4-mapped, IPv4-compatible, NAT64, 6to4 and Teredo addresses."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    number = int(address)
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if number >> 32 == 0x0064FF9B << 64 or (number >> 32 == 0 and number > 1):
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return address


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
    )
