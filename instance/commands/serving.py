"""Commands that run an instance: serve, courier, migrate, doctor."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
from pathlib import Path

import click
import uvloop
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from instance import migrations
from instance.app import COURIER, create_app
from instance.commands.opening import config_option, console, log_to_stderr, runs, settings_from
from instance.db import Database
from instance.settings import Settings
from instance.web import DATABASE

PATIENCE_SECONDS = 10.0
SLOWEST_HEAD = 75.0
"""Longer than a proxy in front keeps a connection that nobody uses."""
M_ARENA_MAX = -8
"""The name of an option of glibc's `mallopt`."""


class UnderWay:
    """Counts the requests that are being answered, so that a server stops after the last."""

    def __init__(self) -> None:
        self._requests = 0
        self._none = asyncio.Event()
        self._none.set()

    @property
    def counting(self) -> Middleware:
        """The middleware that counts; it has to be the first."""

        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._requests += 1
            self._none.clear()
            try:
                return await handler(request)
            finally:
                self._requests -= 1
                if not self._requests:
                    self._none.set()

        return count

    async def ended(self, seconds: float) -> None:
        """Wait until nothing is being answered any more, for so long at the most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), seconds)


@click.command()
@config_option
@click.option("--listen", metavar="HOST:PORT", help="Where to listen, instead of the setting.")
@click.option("--stop-with-input", is_flag=True, help="Stop when standard input closes.")
@click.option("--no-courier", is_flag=True, help="Leave carrying to `ayni courier` (PostgreSQL).")
def serve(config: Path, listen: str | None, stop_with_input: bool, no_courier: bool) -> None:
    """Serve an instance: its pages, its API, its part in the network, and its courier."""
    settings = settings_from(config)
    if no_courier and settings.on_sqlite:
        raise click.ClickException("On SQLite the server has to run the courier itself.")
    log_to_stderr()
    share_one_heap()
    _announce(settings)
    listen = listen or settings.listen
    serving = serve_until_stopped(
        settings, listen, stop_with_input=stop_with_input, courier=not no_courier
    )
    uvloop.run(serving)


@click.command()
@config_option
@click.option("--stop-with-input", is_flag=True, help="Stop when standard input closes.")
def courier(config: Path, stop_with_input: bool) -> None:
    """Run one more courier beside the servers of an instance (PostgreSQL only)."""
    settings = settings_from(config)
    if settings.on_sqlite:
        raise click.ClickException(
            "On SQLite the server runs the courier itself; more of them need PostgreSQL."
        )
    log_to_stderr()
    share_one_heap()
    uvloop.run(_carry_until_stopped(settings, stop_with_input=stop_with_input))


def share_one_heap() -> None:
    """Let all threads take memory from one heap; call it before the first of them starts.

    By default glibc gives each thread its own, and what a database's thread frees is of no use to
    the others: the process grew for as long as it was written to. Other C libraries have one.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


@click.command()
@config_option
@runs
async def migrate(config: Path) -> None:
    """Bring the database to this program's schema, after copying what was there."""
    database = Database(settings_from(config))
    try:
        copy = await migrations.upgrade(database)
    finally:
        await database.close()
    if copy:
        console.print(f"What was there is kept in {copy}.")
    console.print(f"The database has schema {migrations.head()}.")


async def serve_until_stopped(
    settings: Settings, listen: str, *, stop_with_input: bool = False, courier: bool = True
) -> None:
    """Serve until a signal asks to stop; what is under way is finished.

    With `stop_with_input` it also stops when whoever started it closes its standard input, or is
    killed: so that no server is left behind.
    """
    app = create_app(settings, courier=courier)
    under_way = UnderWay()
    app.middlewares.insert(0, under_way.counting)
    await migrations.upgrade(app[DATABASE])
    runner = runner_of(app)
    await runner.setup()
    host, _, port = listen.rpartition(":")
    await web.TCPSite(runner, host or "127.0.0.1", int(port)).start()
    console.print(f"{settings.name} is at {settings.origin} (listening on {listen}).")
    gc.freeze()  # what was loaded stays: nobody has to look through it again and again
    try:
        await _stop_signal(stop_with_input=stop_with_input)
    finally:
        for site in list(runner.sites):
            await site.stop()
        await app.shutdown()  # ends the streams that pages hold open
        await under_way.ended(PATIENCE_SECONDS)
        await runner.cleanup()


def runner_of(app: web.Application) -> web.AppRunner:
    """Return what serves an application, and cuts who sends no whole head for a while.

    That while begins with the connection, or with the last answer; what is sent meanwhile does not
    prolong it.
    """
    return web.AppRunner(app, access_log=None, handle_signals=False, keepalive_timeout=SLOWEST_HEAD)


async def _carry_until_stopped(settings: Settings, *, stop_with_input: bool = False) -> None:
    app = create_app(settings, courier=True)
    runner = web.AppRunner(app)
    await runner.setup()
    console.print(f"A courier works for {settings.origin}.")
    try:
        await _stop_signal(stop_with_input=stop_with_input)
    finally:
        await app[COURIER].stop()
        await runner.cleanup()


def _stop_at_end_of_input(stop: asyncio.Event) -> None:
    if not os.read(0, 1024):
        asyncio.get_running_loop().remove_reader(0)
        stop.set()


async def _stop_signal(*, stop_with_input: bool = False) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    if stop_with_input:
        loop.add_reader(0, _stop_at_end_of_input, stop)
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    await stop.wait()


def _announce(settings: Settings) -> None:
    if settings.plain_http:
        console.print("[yellow]plain_http is on: peers may be reached without encryption.")
    if settings.loopback_peers:
        console.print("[yellow]loopback_peers is on: peers may live on this machine.")
