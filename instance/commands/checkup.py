"""The command that looks whether all is well: doctor."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import click
import msgspec
import sqlalchemy as sa
from aiohttp import web

from federation.fetch import GuardedResolver
from instance import migrations
from instance.app import create_app, reach_of
from instance.clock import system_clock
from instance.commands.opening import config_option, runs, settings_from
from instance.db import Database
from instance.network import service as network
from instance.settings import Settings
from instance.web import DATABASE

LEAST_FREE = 200 * 1024 * 1024
MOST_SKEW_SECONDS = 60
DEADLINE = aiohttp.ClientTimeout(total=10)


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `remedy` is what to do when it is not well."""

    well: bool
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        """Write it as one line."""
        line = f"{'✓' if self.well else '✗'} {self.text}"
        return line if self.well else f"{line} → {self.remedy}"


@click.command()
@config_option
@runs
async def doctor(config: Path) -> None:
    """Look whether all is well: settings, database, clock, own addresses, e-mail, disk.

    Each line ends in what to do about it; exits 1 when something is wrong.
    """
    settings = settings_from(config)
    for line in sources(settings, config, os.environ):
        click.echo(line)
    ill = False
    async for finding in findings(settings, config):
        click.echo(str(finding))
        ill = ill or not finding.well
    if ill:
        raise SystemExit(1)


def sources(settings: Settings, config: Path, environ: Mapping[str, str]) -> list[str]:
    """Say of each setting what it is and where it comes from; secrets are not shown."""
    written = config.read_text(encoding="utf-8") if config.exists() else ""
    lines = []
    for one in dataclasses.fields(settings):
        variable = f"AYNI_{one.name.upper()}"
        if variable in environ or f"{variable}_FILE" in environ:
            source = variable
        else:
            source = str(config) if f"\n{one.name} " in f"\n{written}" else "default"
        value = getattr(settings, one.name)
        lines.append(f"  {one.name} = {_shown(one, value)} ({source})")
    return lines


async def findings(settings: Settings, config: Path) -> AsyncIterator[Finding]:
    """Look at one thing after the other."""
    yield _file_is_private(config)
    yield _rows_are_private(settings)
    yield _disk(settings, config)
    schema = await _schema(settings)
    yield schema
    if schema.well:
        yield await _database(settings)
        async for finding in _deliveries(settings):
            yield finding
    async for finding in _served(settings):
        yield finding
    yield await _mail(settings)


def _shown(one: dataclasses.Field[Any], value: object) -> object:
    if one.name == "database":
        return sa.make_url(str(value)).render_as_string()
    return "…" if one.metadata["secret"] and value else value


def _file_is_private(config: Path) -> Finding:
    if not config.exists():
        return Finding(True, "settings come from the environment")
    mode = config.stat().st_mode & 0o077
    return Finding(not mode, f"{config} is readable by its owner alone", f"run: chmod 600 {config}")


def _rows_are_private(settings: Settings) -> Finding:
    """Look at the SQLite file; the two that SQLite makes beside it take after it."""
    file = _sqlite_file(settings)
    if file is None or not file.exists():
        return Finding(True, "no file of rows lies here")
    mode = file.stat().st_mode & 0o077
    return Finding(not mode, f"{file} is readable by its owner alone", f"run: chmod 600 {file}*")


def _sqlite_file(settings: Settings) -> Path | None:
    return Path(settings.database.partition(":///")[2]) if settings.on_sqlite else None


def _disk(settings: Settings, config: Path) -> Finding:
    place = _sqlite_file(settings) or config
    folder = next(one for one in (place.parent, *place.parents, Path("/")) if one.is_dir())
    free = shutil.disk_usage(folder).free
    text = f"{free // 1024 // 1024} MB are free in {folder}"
    return Finding(free > LEAST_FREE, text, "make room: a full disk stops every change")


async def _schema(settings: Settings) -> Finding:
    database = Database(settings)
    try:
        found = await migrations.revision_of(database.engine)
    except (OSError, sa.exc.SQLAlchemyError) as error:
        reason = str(error).splitlines()[0][:200]
        return Finding(False, "the database answers", f"it says: {reason}")
    finally:
        await database.close()
    wanted = migrations.head()
    text = f"the database has schema {found or 'none'}, this program {wanted}"
    return Finding(found == wanted, text, "run: ayni migrate")


async def _database(settings: Settings) -> Finding:
    """Write to the database and undo it."""
    database = Database(settings)
    try:
        async with database.engine.connect() as connection:
            version = sa.table("alembic_version", sa.column("version_num"))
            await connection.execute(sa.update(version).values(version_num=migrations.head()))
            await connection.rollback()
    except (OSError, sa.exc.SQLAlchemyError) as error:
        reason = str(error).splitlines()[0][:200]
        return Finding(False, "the database can be written to", f"it says: {reason}")
    finally:
        await database.close()
    return Finding(True, "the database can be written to")


async def _deliveries(settings: Settings) -> AsyncIterator[Finding]:
    app = create_app(settings, courier=False)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        async with app[DATABASE].reading() as tx:
            peers = await network.peers(tx)
            lost = await network.failed_deliveries(tx)
    finally:
        await runner.cleanup()
    silent = [one.origin for one in peers if one.failures]
    yield Finding(
        not silent,
        f"{len(peers) - len(silent)} of {len(peers)} other co-ops are reached",
        f"not reached: {', '.join(silent[:5])}; see: ayni deliveries",
    )
    yield Finding(not lost, f"{len(lost)} messages were given up", "see: ayni deliveries --failed")


async def _served(settings: Settings) -> AsyncIterator[Finding]:
    """Fetch the instance's own public documents, as others do, by its own address."""
    start = "is the server running, and does its address lead to it? start it: ayni serve"
    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(dataclasses.replace(reach_of(settings), loopback=True))
    )
    async with aiohttp.ClientSession(connector=connector, timeout=DEADLINE) as client:
        host = settings.host.partition(":")[0]
        for what, path, key in (
            ("its own actor", "/actor", "inbox"),
            ("NodeInfo", "/.well-known/nodeinfo", "links"),
            ("WebFinger", f"/.well-known/webfinger?resource=acct:{host}@{settings.host}", "links"),
        ):
            sent = time.monotonic()
            try:
                headers = {"Accept": "application/activity+json, application/json"}
                async with client.get(f"{settings.origin}{path}", headers=headers) as answer:
                    document = await answer.json(content_type=None)
                    date = answer.headers.get("Date", "")
            except (TimeoutError, OSError, ValueError, aiohttp.ClientError) as error:
                yield Finding(False, f"{what} is fetched", f"{type(error).__name__}; {start}")
                return
            well = answer.status == 200 and isinstance(document, dict) and key in document
            took = time.monotonic() - sent
            yield Finding(
                well,
                f"{what} is fetched ({took * 1000:.0f} ms)",
                f"the answer was {answer.status}: does something else live there?",
            )
        yield _clock(date)


def _clock(date: str) -> Finding:
    try:
        skew = abs((system_clock() - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError):
        return Finding(False, "the clock is right", "the server sends no date")
    return Finding(
        skew < MOST_SKEW_SECONDS,
        f"the clock agrees with the server's ({skew:.0f} s)",
        "set the clock by the network (NTP): signatures are refused otherwise",
    )


async def _mail(settings: Settings) -> Finding:
    if not settings.smtp_host:
        return Finding(True, "e-mail is only kept, for smtp_host is not set")
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        connecting = asyncio.open_connection(settings.smtp_host, settings.smtp_port)
        reader, writer = await asyncio.wait_for(connecting, 10)
        greeting = await asyncio.wait_for(reader.readline(), 10)
        writer.close()
    except (TimeoutError, OSError) as error:
        return Finding(False, f"e-mail is taken by {where}", f"{type(error).__name__}; mend smtp_*")
    return Finding(
        greeting.startswith(b"220") or settings.smtp_port == 465,
        f"e-mail is taken by {where}",
        "something else answers there; mend smtp_*",
    )
