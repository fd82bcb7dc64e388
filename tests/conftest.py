"""Instances on real sockets, real databases, and a clock that moves when told."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from aiohttp.web_app import _cached_build_middleware

from federation.keypool import KeyPool, make_keys
from federation.ports import ActorKeys
from federation.testing import Network, RemoteServer
from instance.app import COURIER, FEDERATION, create_app
from instance.clock import PretendClock
from instance.courier import Courier
from instance.db import Database
from instance.settings import Settings
from instance.web import DATABASE
from tests.databases import POSTGRESQL, Databases, on_server
from tests.statements import share_compiled

REQUIRED = set(filter(None, os.environ.get("AYNI_TEST_REQUIRE", "").split(",")))
MEMORY = Path("/dev/shm")
LONG = (
    "tests/simulation/test_schedules",
    "tests/journeys",
    "tests/instance/demo",
    "tests/instance/commands",
    "tests/instance/records/test_schedules",
    "tests/test_repository",
    "tests/test_launcher",
)


class SharedKeys(KeyPool):
    """Hands out a few pairs in turn: making RSA keys would be most of the suite's time."""

    def __init__(self, spare: list[ActorKeys]) -> None:
        super().__init__()
        self._turn = itertools.cycle(spare)

    async def take(self) -> ActorKeys:
        return next(self._turn)


@dataclass
class Running:
    """One instance, as tests hold it."""

    origin: str
    app: web.Application

    @property
    def database(self) -> Database:
        return self.app[DATABASE]

    @property
    def courier(self) -> Courier:
        return self.app[COURIER]

    @property
    def federation(self):
        return self.app[FEDERATION]


class World:
    """Instances that know each other by pretend names."""

    def __init__(
        self, keys: KeyPool, clock: PretendClock, make_url: Callable[[], Awaitable[str]]
    ) -> None:
        self.network = Network()
        self.clock = clock
        self.instances: list[Running] = []
        self._keys = keys
        self._make_url = make_url

    async def instance(self, name: str, **settings: object) -> Running:
        """Start an instance; its origin is http://<name>.test."""
        chosen = Settings(
            origin=f"http://{name}.test",
            name=str(settings.pop("title", name.title())),
            database=await self._make_url(),
            plain_http=True,
            loopback_peers=True,
            **settings,
        )
        return await self.served(chosen)

    async def served(self, settings: Settings) -> Running:
        """Start an instance by its settings: a new one, or one that has stopped, once more."""
        app = create_app(
            settings, clock=self.clock, keys=self._keys, reach=self.network.reach, courier=False
        )
        await self.network.serve(settings.origin.rpartition("/")[2], app)
        running = Running(settings.origin, app)
        self.instances.append(running)
        return running

    async def remote(self, name: str = "remote") -> RemoteServer:
        """Start a server of another kind."""
        return await RemoteServer.start(self.network, f"{name}.test", self.clock)

    async def settle(self) -> None:
        """Let every courier work until nothing is on its way any more."""
        for _ in range(200):
            if not any([await one.courier.step() for one in self.instances]):
                return
        raise AssertionError("the network never comes to rest")


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Compile each statement once, not once for each database."""
    with pytest.MonkeyPatch.context() as patch:
        share_compiled(patch)
        yield


@pytest.fixture(scope="session")
def spare_keys() -> list[ActorKeys]:
    return [make_keys() for _ in range(4)]


@pytest.fixture
def clock() -> PretendClock:
    return PretendClock()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """What databases are taken from; files lie in memory where there is such a place."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else tmp_path_factory.mktemp("databases")
    with tempfile.TemporaryDirectory(prefix="ayni_test_", dir=place) as folder:
        made = Databases(Path(folder))
        yield made
        asyncio.run(made.drop())


@pytest.fixture
async def world(
    databases: Databases, clock: PretendClock, spare_keys: list[ActorKeys]
) -> AsyncIterator[World]:
    """A network whose instances keep their rows in SQLite files."""
    async with _world(databases.file, databases, clock, spare_keys) as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def any_world(
    request: pytest.FixtureRequest,
    databases: Databases,
    clock: PretendClock,
    spare_keys: list[ActorKeys],
) -> AsyncIterator[World]:
    """A network on SQLite, and once more on PostgreSQL."""
    take = databases.file if request.param == "sqlite" else databases.on_server
    async with _world(take, databases, clock, spare_keys) as made:
        yield made


@asynccontextmanager
async def _world(
    take: Callable[[], Awaitable[str]],
    databases: Databases,
    clock: PretendClock,
    spare_keys: list[ActorKeys],
) -> AsyncIterator[World]:
    taken: list[str] = []

    async def make_url() -> str:
        taken.append(await take())
        return taken[-1]

    made = World(SharedKeys(spare_keys), clock, make_url)
    yield made
    await made.network.close()
    _cached_build_middleware.cache_clear()  # it would keep every application alive
    for url in taken:
        await databases.give_back(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """One database without tables, on SQLite and once more on PostgreSQL."""
    name = f"ayni_test_{uuid.uuid4().hex}"
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/{name}.db"
        return
    await on_server(f'CREATE DATABASE "{name}"')
    yield f"{POSTGRESQL.rpartition('/')[0]}/{name}"
    await on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was loaded: it stays until the end."""
    gc.collect()
    gc.freeze()


def chromium() -> str | None:
    """Return where Chromium is."""
    return os.environ.get("AYNI_TEST_CHROMIUM") or shutil.which("chromium")


async def _reachable() -> bool:
    try:
        await on_server("SELECT 1")
    except (OSError, asyncpg.PostgresError):
        return False
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, unless it is required; begin with what takes long.

    Else whoever comes to a journey last is waited for by everybody.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    missing = {}
    if any(item.get_closest_marker("postgresql") for item in items) and not asyncio.run(
        _reachable()
    ):
        missing["postgresql"] = "no PostgreSQL server answers"
    if chromium() is None:
        missing["browser"] = "Chromium is not installed"
    for item in items:
        for name, reason in missing.items():
            if item.get_closest_marker(name) and name not in REQUIRED:
                item.add_marker(pytest.mark.skip(reason=reason))
