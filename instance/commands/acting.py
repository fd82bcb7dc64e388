"""On whose behalf a command acts, and which group it is about."""

from __future__ import annotations

import click

from federation import Iri
from instance.db import Tx
from instance.groups import service as groups
from instance.people import service as people
from instance.viewer import Viewer

group_option = click.option(
    "--group", metavar="G", required=True, help="The group's handle, such as care."
)
as_option = click.option(
    "--as", "as_", metavar="USERNAME", help="Act as this leader, instead of the group's first."
)


async def require_group(tx: Tx, name: str) -> groups.GroupView:
    """Return a group by its handle, name or address; a wrong one ends the program."""
    known = await groups.groups(tx)
    word = name.strip().removeprefix("@").casefold()
    for one in known:
        if word in {one.username.casefold(), one.name.casefold(), one.iri.casefold()}:
            return one
    names = ", ".join(one.username for one in known)
    raise click.ClickException(f"There is no group {name} here; there are: {names}.")


async def require_person(tx: Tx, username: str) -> people.PersonView:
    """Return somebody by her handle; a wrong one ends the program."""
    found = await people.person_named(tx, username)
    if found is None:
        raise click.ClickException(f"Nobody here is called {username}.")
    return found


async def leader(tx: Tx, group: Iri, username: str | None) -> Viewer:
    """Return the leader in whose name a command acts, by default the one who leads longest."""
    if username:
        person = await require_person(tx, username)
    else:
        leading = await people.leaders_of(tx, group)
        here = await people.people(tx, leading)
        if not here:
            raise click.ClickException("Nobody here leads this group; name somebody with --as.")
        person = next(here[one] for one in leading if one in here)
    return Viewer(
        person=person.iri, name=person.name, username=person.username, language=person.language
    )


async def administrator(tx: Tx, username: str | None) -> Viewer:
    """Return the administrator in whose name a command acts, by default the first one."""
    if username:
        person = await require_person(tx, username)
    else:
        named = await people.administrators(tx)
        here = await people.people(tx, named)
        if not here:
            raise click.ClickException("Nobody administers this instance.")
        person = next(here[one] for one in named if one in here)
    return Viewer(
        person=person.iri, name=person.name, username=person.username, language=person.language
    )
