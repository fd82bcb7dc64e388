"""Commands that run an instance: serve, courier, migrate, doctor."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click
import uvloop
from aiohttp import web

from instance import migrations
from instance.app import COURIER, create_app
from instance.commands.opening import config_option, console, log_to_stderr, runs, settings_from
from instance.db import Database
from instance.settings import Settings
from instance.web import DATABASE


@click.command()
@config_option
@click.option("--listen", metavar="HOST:PORT", help="Where to listen, instead of the setting.")
def serve(config: Path, listen: str | None) -> None:
    """Serve an instance: its pages, its API, its part in the network, and its courier."""
    settings = settings_from(config)
    log_to_stderr()
    _announce(settings)
    uvloop.run(serve_until_stopped(settings, listen or settings.listen))


@click.command()
@config_option
def courier(config: Path) -> None:
    """Run one more courier beside the servers of an instance (PostgreSQL only)."""
    settings = settings_from(config)
    if settings.on_sqlite:
        raise click.ClickException(
            "On SQLite the server runs the courier itself; more of them need PostgreSQL."
        )
    log_to_stderr()
    uvloop.run(_carry_until_stopped(settings))


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


async def serve_until_stopped(settings: Settings, listen: str) -> None:
    """Serve until a signal asks to stop; what is under way is finished."""
    app = create_app(settings)
    await migrations.upgrade(app[DATABASE])
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    host, _, port = listen.rpartition(":")
    await web.TCPSite(runner, host or "127.0.0.1", int(port)).start()
    console.print(f"{settings.name} is at {settings.origin} (listening on {listen}).")
    try:
        await _stop_signal()
    finally:
        await runner.cleanup()


async def _carry_until_stopped(settings: Settings) -> None:
    app = create_app(settings, courier=True)
    runner = web.AppRunner(app)
    await runner.setup()
    console.print(f"A courier works for {settings.origin}.")
    try:
        await _stop_signal()
    finally:
        await app[COURIER].stop()
        await runner.cleanup()


async def _stop_signal() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    await stop.wait()


def _announce(settings: Settings) -> None:
    if settings.plain_http:
        console.print("[yellow]plain_http is on: peers may be reached without encryption.")
    if settings.loopback_peers:
        console.print("[yellow]loopback_peers is on: peers may live on this machine.")
