"""Commands that look after an instance: backup, restore, deliveries."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from instance import migrations
from instance.commands import archive
from instance.commands.opening import config_option, console, opened, runs, settings_from
from instance.commands.setup import write_settings
from instance.db import Database
from instance.network import service as network
from instance.settings import Settings, SettingsError
from instance.web import DATABASE


@click.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@runs
async def backup(config: Path, file: Path) -> None:
    """Write the whole instance into FILE: rows, keys and settings, for either kind of database.

    The server may go on running. Whoever has the file has the instance: keep it safe.
    """
    database = Database(settings_from(config))
    try:
        schema = await migrations.revision_of(database.engine)
        if schema != migrations.head():
            raise click.ClickException("The database has another schema: run `ayni migrate` first.")
        with console.status("Reading …") as status:
            manifest = await archive.write(
                database, schema, file, lambda name: status.update(f"Writing {name} …")
            )
    finally:
        await database.close()
    rows = sum(one.rows for one in manifest.tables.values())
    console.print(f"{escape(str(file))} holds {rows} rows of {manifest.origin}.")


@click.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--database", metavar="URL", help="Where rows shall live, instead of where they did.")
@runs
async def restore(config: Path, file: Path, database: str | None) -> None:
    """Bring back an instance from FILE into an empty database, and check that all of it is there.

    Settings are taken from --config if that file exists, else written there from FILE. With
    --database an instance moves between SQLite and PostgreSQL.
    """
    manifest, kept = archive.manifest_of(file)
    if manifest.schema != migrations.head():
        raise click.ClickException(
            f"This archive has schema {manifest.schema}, this program {migrations.head()}: restore "
            "it with the version that wrote it, then run `ayni migrate` with this one."
        )
    settings, known = _settings(config, kept, database), config.exists()  # noqa: ASYNC240
    if settings.origin != manifest.origin:
        raise click.ClickException(
            f"This archive is of {manifest.origin}; addresses are for good, so it cannot be "
            f"restored as {settings.origin}."
        )
    config.parent.mkdir(parents=True, exist_ok=True)
    await _fill(settings, file)
    if not known:
        write_settings(config, settings)
        console.print(f"The settings are in {escape(str(config))}.")
    rows = sum(one.rows for one in manifest.tables.values())
    console.print(f"All {rows} rows of {manifest.origin} are back.")


@click.command()
@config_option
@click.option("--failed", is_flag=True, help="Only what was given up, and why.")
@runs
async def deliveries(config: Path, failed: bool) -> None:
    """Show what waits for other co-ops, since when they are silent, and what was given up."""
    async with opened(settings_from(config)) as app, app[DATABASE].reading() as tx:
        peers = [] if failed else await network.peers(tx)
        given_up = await network.failed_deliveries(tx)
    for one in peers:
        since = f", not reached since {one.failing_since:%Y-%m-%d %H:%M}" if one.failures else ""
        heard = f", heard {one.last_heard:%Y-%m-%d %H:%M}" if one.last_heard else ""
        click.echo(f"{one.origin}: {one.waiting} waiting{since}{heard}")
    for lost in given_up:
        click.echo(f"✗ {lost.activity} to {lost.recipient}: {lost.reason}")
    if not given_up:
        click.echo("Nothing was given up.")


def _settings(config: Path, kept: dict[str, object], database: str | None) -> Settings:
    if config.exists() and not database:
        return settings_from(config)
    if config.exists():
        raise click.ClickException(f"{config} says where rows live: change it there.")
    known = {name: value for name, value in kept.items() if name in Settings.__dataclass_fields__}
    if database:
        known["database"] = database
    elif str(known["database"]).startswith("sqlite"):
        known["database"] = f"sqlite+aiosqlite:///{config.resolve().parent / 'ayni.db'}"
    try:
        return Settings(**known)  # type: ignore[arg-type]  # Settings checks and names what is wrong
    except (SettingsError, TypeError) as error:
        raise click.ClickException(f"The settings in the archive: {error}") from error


async def _fill(settings: Settings, file: Path) -> None:
    if settings.on_sqlite:
        Path(settings.database.partition(":///")[2]).parent.mkdir(parents=True, exist_ok=True)
    database = Database(settings)
    try:
        with console.status("Making the database …") as status:
            await migrations.upgrade(database)
            await archive.read(database, file, lambda name: status.update(f"Reading {name} …"))
    finally:
        await database.close()
