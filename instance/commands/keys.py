"""Commands about the keys by which others know what is said here."""

from __future__ import annotations

from pathlib import Path

import click

from instance.commands.opening import config_option, console, opened, runs, settings_from
from instance.commands.sentences import Sentences
from instance.db import Database
from instance.network import keys as network_keys
from instance.network import service as network
from instance.web import DATABASE


@click.group(cls=Sentences)
def keys() -> None:
    """Give new keys to people, groups and the instance itself."""


@keys.command("rotate")
@config_option
@click.option(
    "--actor", metavar="USERNAME", help="Whose: a person's, a group's, or the instance's host name."
)
@click.option("--all", "all_", is_flag=True, help="Everybody's, and the instance's own.")
@click.option(
    "--revoke",
    is_flag=True,
    help="The former keys are in wrong hands: nothing they proved counts any more.",
)
@runs
async def rotate(config: Path, actor: str | None, all_: bool, revoke: bool) -> None:
    """Make new keys, and tell the network of them.

    The former keys announce the new ones and are deleted after seven days; what they proved,
    such as promises and hours, can be checked for good. With --revoke they count for nothing at
    once, here and wherever the news arrives; what they proved has to be said again.
    """
    if bool(actor) == all_:
        raise click.ClickException("Say whose keys: either --actor USERNAME or --all.")
    async with opened(settings_from(config)) as app:
        database = app[DATABASE]
        names = await _names(database, actor)
        for name in names:
            await database.federation.keys.fill(1)
            async with database.transaction() as tx:
                found = await network.actor_named(tx, name)
                assert found, "names are never given back"
                await network_keys.rotate(tx, found.id, revoke=revoke)
    for name in names:
        console.print(f"{name} has new keys.")
    if revoke:
        console.print("The former keys count for nothing any more, nor does what they proved.")


async def _names(database: Database, actor: str | None) -> list[str]:
    async with database.reading() as tx:
        living = list(await network_keys.living_names(tx))
    if actor is None:
        return living
    wanted = actor.strip().lower().removeprefix("@")
    if wanted not in living:
        raise click.ClickException(f"Nobody here is called {actor}.")
    return [wanted]
