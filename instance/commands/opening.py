"""How commands open an instance: its settings, its database, its services, without a server."""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import structlog
from aiohttp import web
from rich.console import Console

from instance import migrations
from instance.app import create_app
from instance.clock import Clock, system_clock
from instance.errors import DomainError
from instance.settings import Settings, SettingsError, load
from instance.web import DATABASE

Result = TypeVar("Result")
console = Console(stderr=True, highlight=False)

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="AYNI_CONFIG",
    default=Path("ayni.toml"),
    show_default=True,
    help="The settings' file.",
)


def settings_from(path: Path) -> Settings:
    """Read the settings; a mistake ends the program with its sentence."""
    try:
        return load(path)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def runs(work: Callable[..., Awaitable[Result]]) -> Callable[..., Result]:
    """Let a command be a coroutine; what people may be told ends it with its sentence."""

    @functools.wraps(work)
    def run(*arguments: Any, **options: Any) -> Result:
        try:
            return asyncio.run(_awaited(work(*arguments, **options)))
        except DomainError as error:
            raise click.ClickException(str(error)) from error

    return run


@asynccontextmanager
async def opened(
    settings: Settings, *, migrate: bool = False, clock: Clock = system_clock
) -> AsyncIterator[web.Application]:
    """Open an instance without serving it; refuses a database of another schema."""
    app = create_app(settings, clock=clock, courier=False)
    if migrate:
        await migrations.upgrade(app[DATABASE])
    elif await migrations.revision_of(app[DATABASE].engine) != migrations.head():
        await app[DATABASE].close()
        raise click.ClickException("The database has another schema: run `ayni migrate` first.")
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        yield app
    finally:
        await runner.cleanup()


def log_to_stderr(level: int = logging.INFO) -> None:
    """Write the log as readable lines on standard error, which is not for programs to read."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


async def _awaited(work: Awaitable[Result]) -> Result:
    return await work
