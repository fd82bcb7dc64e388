"""Commands about people and groups: person add, token, link, role; group add."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from instance.commands import acting
from instance.commands.opening import config_option, console, opened, runs, settings_from
from instance.commands.sentences import Sentences
from instance.groups import service as groups
from instance.language import LANGUAGES
from instance.people import service as people
from instance.people import sessions, signin
from instance.web import DATABASE

ROLES = [one.value for one in people.Role]


@click.group(cls=Sentences)
def person() -> None:
    """Add people, name leaders, and let people and programs in."""


@person.command("add")
@config_option
@click.argument("username")
@click.option("--name", required=True, help="Her name, as people read it.")
@acting.group_option
@click.option("--email", help="Where she reads e-mail.")
@click.option("--phone", help="Where she is rung up.")
@click.option("--language", type=click.Choice(sorted(LANGUAGES)), help="Instead of the co-op's.")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    default="member",
    show_default=True,
    help="What she is there.",
)
@acting.as_option
@runs
async def add_person(
    config: Path,
    username: str,
    name: str,
    group: str,
    email: str | None,
    phone: str | None,
    language: str | None,
    role: str,
    as_: str | None,
) -> None:
    """Give somebody an account and a place in a group, and print how she signs in for once."""
    settings = settings_from(config)
    new = people.NewPerson(
        username=username,
        name=name,
        email=email,
        phone=phone,
        language=language or settings.language,
    )
    async with opened(settings) as app:
        await app[DATABASE].federation.keys.fill(1)
        async with app[DATABASE].transaction() as tx:
            found = await acting.require_group(tx, group)
            viewer = await acting.leader(tx, found.iri, as_)
            iri = await people.add_person(tx, new)
            await groups.add_by_import(tx, viewer, found.iri, iri, (), None)
            if role != people.Role.MEMBER:
                await people.grant(tx, iri, found.iri, people.Role(role), viewer.person)
            link = await signin.make_link(tx, iri, 24 * 60, "invited")
    console.print(f"{name} belongs to {found.name} now. She signs in here, once, within a day:")
    click.echo(link)


@person.command("role")
@config_option
@click.argument("username")
@acting.group_option
@click.option("--role", type=click.Choice(ROLES[1:]), required=True, help="What she is there.")
@click.option("--take-away", is_flag=True, help="Take the role away instead of giving it.")
@acting.as_option
@runs
async def change_role(
    config: Path, username: str, group: str, role: str, take_away: bool, as_: str | None
) -> None:
    """Name a leader, an administrator or an auditor of a group, or take that away."""
    async with (
        opened(settings_from(config)) as app,
        app[DATABASE].transaction() as tx,
    ):
        found = await acting.require_group(tx, group)
        viewer = await acting.leader(tx, found.iri, as_)
        who = await acting.require_person(tx, username)
        if take_away:
            await people.revoke(tx, who.iri, found.iri, people.Role(role))
        else:
            await people.grant(tx, who.iri, found.iri, people.Role(role), viewer.person)
    word = "is no longer" if take_away else "is now"
    console.print(f"{who.name} {word} {role} of {found.name}.")


@person.command("token")
@config_option
@click.argument("username")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=("self",),
    show_default=True,
    help="self, group:ID:lead or admin; may be given several times.",
)
@click.option("--label", default="command line", show_default=True, help="What it is for.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it works; without end if not.")
@runs
async def make_token(
    config: Path, username: str, scopes: Sequence[str], label: str, days: int | None
) -> None:
    """Print a token with which a program acts for somebody; it is shown only this once."""
    async with opened(settings_from(config)) as app, app[DATABASE].transaction() as tx:
        who = await acting.require_person(tx, username)
        token = await sessions.make_token(tx, who.iri, scopes, label, days)
    click.echo(token)


@person.command("link")
@config_option
@click.argument("username")
@click.option(
    "--minutes",
    type=click.IntRange(1, 7 * 24 * 60),
    default=60,
    show_default=True,
    help="How long the address works.",
)
@runs
async def make_link(config: Path, username: str, minutes: int) -> None:
    """Print an address at which somebody signs in, once, without her password."""
    async with opened(settings_from(config)) as app, app[DATABASE].transaction() as tx:
        who = await acting.require_person(tx, username)
        link = await signin.make_link(tx, who.iri, minutes, "command line")
    click.echo(link)


@click.group(cls=Sentences)
def group() -> None:
    """Add groups to the co-op."""


@group.command("add")
@config_option
@click.argument("username")
@click.option("--name", required=True, help="The group's name, as people read it.")
@click.option("--leader", metavar="USERNAME", required=True, help="Who leads it.")
@click.option("--district", help="Where it works: a place's key, such as sha-tin.")
@click.option("--about", default="", help="What it does, in a sentence or two.")
@runs
async def add_group(
    config: Path, username: str, name: str, leader: str, district: str | None, about: str
) -> None:
    """Found a group, with somebody of the co-op to lead it."""
    async with opened(settings_from(config)) as app:
        await app[DATABASE].federation.keys.fill(1)
        async with app[DATABASE].transaction() as tx:
            who = await acting.require_person(tx, leader)
            iri = await groups.create_group(tx, username, name, district=district, about=about)
            await people.grant(tx, who.iri, iri, people.Role.LEADER, "command line")
            viewer = await acting.leader(tx, iri, leader)
            await groups.add_by_import(tx, viewer, iri, who.iri, (), None)
    console.print(f"{name} is founded; {who.name} leads it.")
    click.echo(iri)
