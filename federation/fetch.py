"""Fetching other hosts' documents: signed, bounded, and never from where we must not look."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from federation.activity import ACTIVITY_JSON, LD_JSON, MAX_BYTES, Document, decode
from federation.errors import FederationError, Gone, Malformed, Unreachable
from federation.iri import Iri, origin_of, same_origin, without_fragment
from federation.keys import KeyPair
from federation.signatures import sign_request

MAX_REDIRECTS = 3
DEADLINE = 10.0


@dataclass(frozen=True, slots=True)
class Reach:
    """Where this host may connect to. Everything but public https is off unless switched on.

    `names` maps pretend host names to (address, port), for networks inside one machine.
    """

    plain_http: bool = False
    loopback: bool = False
    user_agent: str = "ayni"
    names: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def check(self, url: str | URL) -> URL:
        """Return the URL if we may go there; raise Malformed otherwise."""
        target = URL(str(url))
        origin_of(str(target))
        if target.scheme != "https" and not self.plain_http:
            raise Malformed(f"{target.scheme} addresses are not fetched.")
        if target.scheme == "https" and target.port != 443 and not self.loopback:
            raise Malformed("Only port 443 is fetched.")
        host = (target.host or "").rstrip(".")
        address = _literal(host)
        if address is not None and not self.allows(address):
            raise Malformed(f"{host} is not a public address.")
        return target

    def allows(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """Tell whether an address may be connected to, looking through every IPv6 wrapping."""
        inner = _unwrapped(address)
        if inner.is_loopback and self.loopback:
            return True
        return inner.is_global and not inner.is_multicast and not inner.is_reserved


class GuardedResolver(AbstractResolver):
    """Resolves names once and hands out only addresses that may be connected to.

    Names under `.localhost` are loopback (RFC 6761) whatever the system's resolver says.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the checked addresses of a host; raise OSError when none may be used."""
        if host in self._reach.names:
            return [_result(host, *self._reach.names[host])]
        if host == "localhost" or host.endswith(".localhost"):
            found = ["127.0.0.1"]
        else:
            answers = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM, family=family
            )
            found = [str(answer[4][0]) for answer in answers]
        addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in found]
        if not addresses or not all(self._reach.allows(one) for one in addresses):
            raise OSError(None, f"{host} has no address that may be connected to")
        return [_result(host, str(one), port) for one in addresses]

    async def close(self) -> None:
        """Nothing is held open."""


class Client:
    """The one client through which this host reaches all others."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the connections' pool; call it inside the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=GuardedResolver(self.reach), limit=100, limit_per_host=8, ttl_dns_cache=60
            ),
            headers={"User-Agent": self.reach.user_agent},
            timeout=aiohttp.ClientTimeout(total=DEADLINE, connect=5),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session; raises RuntimeError before `open`."""
        if self._session is None:
            raise RuntimeError("the client is not open")
        return self._session


@dataclass(frozen=True, slots=True)
class Signer:
    """In whose name a request is signed."""

    key_id: str
    key: KeyPair


class Fetcher:
    """Fetches ActivityStreams documents, signed in the name of an actor."""

    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock

    async def get_document(self, iri: str, signer: Signer) -> Document:
        """Fetch the document with this id from its own origin (FEP-fe34).

        Raise Gone on 404 and 410, Unreachable when it cannot be had now, Malformed when what
        came is not the document that was asked for.
        """
        url, document = await self._get(without_fragment(iri), signer)
        claimed = document.get("id")
        if not isinstance(claimed, str) or not same_origin(claimed, url):
            raise Malformed(f"{url} answered with a document of another origin.")
        if claimed not in {url, iri, without_fragment(iri)}:
            url, document = await self._get(without_fragment(claimed), signer)
            if document.get("id") != claimed:
                raise Malformed(f"{claimed} does not answer with itself.")
        return document

    async def get_json(self, url: str) -> Any:
        """Fetch a plain JSON document (WebFinger, NodeInfo), unsigned."""
        _, body, _ = await self._read(url, {"Accept": "application/jrd+json, application/json"})
        return decode(body)

    async def _get(self, iri: str, signer: Signer) -> tuple[str, Document]:
        url, body, content_type = await self._read(iri, {"Accept": LD_JSON}, signer)
        if not _is_activity_type(content_type):
            raise Malformed(f"{url} answered with {content_type or 'no content type'}.")
        document = decode(body)
        if not isinstance(document, dict):
            raise Malformed(f"{url} did not answer with a JSON object.")
        return url, document

    async def _read(
        self, url: str, headers: Mapping[str, str], signer: Signer | None = None
    ) -> tuple[str, bytes, str]:
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._follow(url, headers, signer)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{url} cannot be reached now.") from error

    async def _follow(
        self, url: str, headers: Mapping[str, str], signer: Signer | None
    ) -> tuple[str, bytes, str]:
        for _ in range(MAX_REDIRECTS + 1):
            target = self._client.reach.check(url)
            signed = dict(headers)
            if signer:
                signed |= sign_request(
                    method="GET",
                    url=str(target),
                    key_id=signer.key_id,
                    key=signer.key,
                    now=self._clock(),
                    body=None,
                )
            async with self._client.session.get(
                target, headers=signed, allow_redirects=False
            ) as answer:
                if answer.status not in {301, 302, 303, 307, 308}:
                    _refuse_failure(url, answer.status)
                    body = await _bounded(answer)
                    return url, body, answer.headers.get("Content-Type", "")
                onward = target.join(URL(answer.headers.get("Location", "")))
                if onward.scheme != target.scheme:
                    raise Malformed("A redirect to another scheme is not followed.")
                url = str(onward)
        raise Malformed(f"{url} redirects more than {MAX_REDIRECTS} times.")


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_BYTES:
            raise Malformed("The document is larger than 1 MB.")
    return bytes(body)


def _refuse_failure(url: str, status: int) -> None:
    if status in {404, 410}:
        raise Gone(f"{url} is gone.")
    if status != 200:
        error: type[FederationError] = Malformed if status in {400, 403, 406} else Unreachable
        raise error(f"{url} answered {status}.")


def _is_activity_type(content_type: str) -> bool:
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind == ACTIVITY_JSON:
        return True
    return kind == "application/ld+json" and "https://www.w3.org/ns/activitystreams" in parameters


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _unwrapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
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


def iri_of(value: object) -> Iri | None:
    """Return the IRI in a property that holds one, embedded or bare."""
    if isinstance(value, dict):
        value = value.get("id")
    return Iri(value) if isinstance(value, str) else None
