"""The server on one page: its features, who receives what, who hears of what, what comes later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from federation import Federation
from federation.fetch import Reach
from federation.keypool import KeyPool
from instance import __version__, api, due, gate, idempotency
from instance.clock import Clock, system_clock
from instance.courier import Courier
from instance.db import Database, Subscriber
from instance.directory import InstanceDirectory
from instance.network import routes as network_routes
from instance.network import service as network
from instance.pages import Pages
from instance.reception import Received, register
from instance.settings import Settings
from instance.web import DATABASE, OPERATIONS, PAGES, SETTINGS, Routes

# Every feature with pages, from the lowest rank to the highest.
FEATURES: Sequence[Routes] = (network_routes.routes,)


# Who receives what; of those that share a chain of types, the first that is willing.
RECEIVERS: Sequence[Received] = ()

SUBSCRIBERS: Mapping[type, Sequence[Subscriber]] = {}

DUE: Mapping[str, due.Handler] = {idempotency.KIND: idempotency.forget}

FEDERATION = web.AppKey("federation", Federation)
COURIER = web.AppKey("courier", Courier)


def create_app(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    keys: KeyPool | None = None,
    reach: Reach | None = None,
    courier: bool = True,
) -> web.Application:
    """Put the server together; with `courier` it also runs the background loop."""
    database = Database(settings, clock=clock, subscribers=SUBSCRIBERS)
    federation = Federation(
        directory=InstanceDirectory(settings),
        database=database,
        store=database.store,
        clock=clock,
        reach=reach or reach_of(settings),
        keys=keys,
    )
    register(federation, RECEIVERS)
    database.federation = federation
    app = web.Application(
        middlewares=[
            gate.guard_headers,
            gate.explain_errors,
            gate.know_the_viewer,
            idempotency.answer_once,
        ],
        client_max_size=8_000_000,
    )
    app[SETTINGS], app[DATABASE], app[FEDERATION] = settings, database, federation
    app[PAGES] = Pages(settings)
    app[COURIER] = Courier(database, federation, DUE)
    app[gate.AUTHENTICATE] = _nobody
    app[OPERATIONS] = [operation for feature in FEATURES for operation in feature.operations]
    _add_routes(app)
    app.cleanup_ctx.append(_running(courier))
    return app


def reach_of(settings: Settings) -> Reach:
    """Return where this instance may connect to, by its settings."""
    return Reach(
        plain_http=settings.plain_http,
        loopback=settings.loopback_peers,
        user_agent=f"ayni/{__version__} (+{settings.origin})",
    )


def _add_routes(app: web.Application) -> None:
    app.add_routes(app[FEDERATION].routes())
    app.add_routes(app[PAGES].routes())
    app.router.add_get("/openapi.json", api.show_openapi)
    for operation in app[OPERATIONS]:
        handler = gate.served(operation)
        app.router.add_route(operation.method, f"{operation.path}.json", handler)
        app.router.add_route(operation.method, operation.path, handler)


def _running(courier: bool) -> Callable[[web.Application], AsyncIterator[None]]:
    async def run(app: web.Application) -> AsyncIterator[None]:
        await app[FEDERATION].start()
        async with app[DATABASE].transaction() as tx:
            await network.ensure_instance_actor(tx)
        if courier:
            app[COURIER].start()
        yield
        await app[COURIER].stop()
        await app[FEDERATION].close()
        await app[DATABASE].close()

    return run


async def _nobody(_tx: Any, _request: web.Request) -> None:
    """Know nobody."""


Authenticate = Callable[[Any, web.Request], Awaitable[Any]]
