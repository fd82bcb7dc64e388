"""The command that makes an instance out of nothing: init."""

from __future__ import annotations

import dataclasses
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec

from federation import Iri
from instance.clock import Clock, system_clock
from instance.commands.opening import console, opened, runs
from instance.db import Database, Tx
from instance.groups import service as groups
from instance.language import LANGUAGES
from instance.network import service as network
from instance.people import service as people
from instance.people import signin
from instance.settings import Settings, SettingsError
from instance.viewer import Viewer
from instance.web import DATABASE

FIRST_LINK_MINUTES = 3 * 24 * 60
SETTINGS_FILE = "ayni.toml"
TRIAL = {"plain_http": True, "loopback_peers": True}
"""What a trial among instances on one machine needs, and nobody else."""


class Founded(msgspec.Struct, frozen=True):
    """A new instance: its first group, its administrator, and how she signs in for once."""

    group: Iri
    administrator: Iri
    link: str


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--origin", metavar="URL", required=True, help="Its address, for good.")
@click.option("--name", required=True, help="The co-op's name, as people read it.")
@click.option("--group", metavar="USERNAME", required=True, help="The handle of the co-op itself.")
@click.option("--admin", metavar="USERNAME", required=True, help="The handle of its administrator.")
@click.option("--admin-name", metavar="NAME", help="The administrator's name, if not her handle.")
@click.option("--admin-email", metavar="ADDRESS", help="Where the administrator reads e-mail.")
@click.option(
    "--language",
    type=click.Choice(sorted(LANGUAGES)),
    default="en",
    show_default=True,
    help="The language of new people and of e-mail.",
)
@click.option("--database", metavar="URL", help="postgresql+asyncpg://…, instead of a file in DIR.")
@click.option("--listen", metavar="HOST:PORT", help="Where the server listens.")
@click.option("--plain-http", is_flag=True, help="Speak without encryption, for a trial here only.")
@click.option("--loopback", is_flag=True, help="Let peers live on this machine, for a trial.")
@runs
async def init(folder: Path, group: str, admin: str, **options: Any) -> None:
    """Make an instance: settings, keys, database, the co-op's first group, its administrator.

    Prints the address at which she signs in for the first time.
    """
    options["loopback_peers"] = options.pop("loopback")
    name, email = options.pop("admin_name"), options.pop("admin_email")
    given = {key: value for key, value in options.items() if value is not None}
    settings = settings_for(folder, given)
    founded = await found(folder, settings, group=group, admin=admin, name=name, email=email)
    console.print(f"{settings.name} is ready in {folder}. Start it with:")
    console.print(f"  ayni serve --config {folder / SETTINGS_FILE}", soft_wrap=True)
    console.print(f"Then {admin} signs in here, once, within three days:")
    click.echo(founded.link)


def settings_for(folder: Path, given: Mapping[str, Any]) -> Settings:
    """Complete what was given to the settings of a new instance in a folder.

    Plain http and peers on this machine are for an origin on this machine alone. Raises
    ClickException with the way out.
    """
    values = dict(given)
    parts = urlsplit(values["origin"])
    here = (parts.hostname or "").endswith("localhost") or parts.hostname == "127.0.0.1"
    trial = here and parts.scheme == "http"
    if (values.get("plain_http") or values.get("loopback_peers")) and not trial:
        raise click.ClickException(
            "--plain-http and --loopback are for a trial at http://….localhost only."
        )
    if parts.scheme == "http" and not values.get("plain_http"):
        way = " Add --plain-http for a trial on this machine." if here else " Use https."
        raise click.ClickException(f"The origin is not encrypted.{way}")
    values.setdefault("database", f"sqlite+aiosqlite:///{folder.resolve() / 'ayni.db'}")
    values.setdefault("listen", f"127.0.0.1:{parts.port or 80}" if trial else "127.0.0.1:8080")
    try:
        return Settings(**values)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


async def found(
    folder: Path,
    settings: Settings,
    *,
    group: str,
    admin: str,
    name: str | None = None,
    email: str | None = None,
    clock: Clock = system_clock,
) -> Founded:
    """Make the folder, the database and who begins; write the settings last.

    Raises ClickException when the folder or the database already holds an instance.
    """
    path = folder / SETTINGS_FILE
    if path.exists():
        raise click.ClickException(
            f"{path} exists: this instance was made before. Serve it with "
            f"`ayni serve --config {path}`, or choose another folder."
        )
    for username in (group, admin):
        if username in network.RESERVED:
            raise click.ClickException(
                f"{username} is kept for the program itself; choose a handle such as a first name."
            )
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # nothing else runs in this loop
    with console.status("Making the database …"):
        async with opened(settings, migrate=True, clock=clock) as app:
            database = app[DATABASE]
            await _check_nobody_here(database, folder)
            await database.federation.keys.fill(2)
            async with database.transaction() as tx:
                person = people.NewPerson(
                    username=admin, name=name or admin, email=email, language=settings.language
                )
                founded = await begin(tx, group, person)
    write_settings(path, settings)
    return founded


async def begin(tx: Tx, username: str, person: people.NewPerson) -> Founded:
    """Found the co-op itself, with the one who administers and leads it; returns her link."""
    group = await groups.create_group(tx, username, tx.settings.name, first=True)
    administrator = await people.add_person(tx, person)
    for role in (people.Role.ADMINISTRATOR, people.Role.LEADER):
        await people.grant(tx, administrator, group, role, "init")
    acting = Viewer(administrator, person.name, person.username, person.language)
    await groups.add_by_import(tx, acting, group, administrator, (), None)
    link = await signin.make_link(tx, administrator, FIRST_LINK_MINUTES, "init")
    return Founded(group, administrator, link)


async def _check_nobody_here(database: Database, folder: Path) -> None:
    """Refuse a database with people in it; what an attempt that failed left behind is no harm."""
    async with database.reading() as tx:
        if await people.is_empty(tx):
            return
    raise click.ClickException(
        f"The database already holds an instance, but {folder / SETTINGS_FILE} is missing: "
        "put the settings back, or choose another folder or database."
    )


def write_settings(path: Path, settings: Settings) -> None:
    """Write a settings' file that only its owner may read; defaults are left out."""
    lines = ["# The settings of this co-op's server. AYNI_* variables overrule them."]
    for one in dataclasses.fields(settings):
        value = getattr(settings, one.name)
        if value != one.default:
            lines.append(f"{one.name} = {_toml(value)}")
    text = "\n".join(lines) + "\n"
    assert tomllib.loads(text)["origin"] == settings.origin
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _toml(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    # a JSON string is a TOML basic string, the delete sign apart
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
