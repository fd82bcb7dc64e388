"""Commands about other servers: how they can be reached, and who is blocked or limited."""

from __future__ import annotations

from pathlib import Path

import click

from instance.commands.acting import administrator
from instance.commands.opening import config_option, console, opened, runs, settings_from
from instance.commands.sentences import Sentences
from instance.moderation import service as moderation
from instance.moderation.views import PeerLine
from instance.network import service as network
from instance.web import DATABASE

as_option = click.option(
    "--as", "as_", metavar="USERNAME", help="Act as this administrator, instead of the first."
)
reason_option = click.option(
    "--reason", required=True, help="Why; for administrators, who come after you."
)


@click.group(cls=Sentences, invoke_without_command=True)
@config_option
@as_option
@click.pass_context
def peers(context: click.Context, config: Path, as_: str | None) -> None:
    """Show how other servers can be reached, and what waits for them; without more, list them."""
    if context.invoked_subcommand is None:
        context.invoke(list_peers, config=config, find="", state=None, as_=as_)


@peers.command("list")
@config_option
@click.option("--find", default="", help="Only those whose address holds this.")
@click.option(
    "--state",
    type=click.Choice(["unreachable", "waiting", "failed", "silent"]),
    help="Only those of which this is true.",
)
@as_option
@runs
async def list_peers(config: Path, find: str, state: str | None, as_: str | None) -> None:
    """List other servers: last heard, last reached, what waits and since when, and why."""
    async with opened(settings_from(config)) as app, app[DATABASE].reading() as tx:
        viewer = await administrator(tx, as_)
        page, pages = 1, 1
        while page <= pages:
            shown = await moderation.peers(tx, viewer, find=find, state=state or "", page=page)
            for one in shown.peers:
                click.echo(_line(one))
            page, pages = page + 1, shown.pages
        console.print(f"{shown.total} servers.")


@peers.command("retry")
@config_option
@click.argument("origin")
@as_option
@runs
async def retry(config: Path, origin: str, as_: str | None) -> None:
    """Try at once what waits for ORIGIN, such as https://coop.example."""
    async with opened(settings_from(config)) as app, app[DATABASE].transaction() as tx:
        number = await moderation.retry(tx, await administrator(tx, as_), _origin(origin))
    console.print(f"Being tried now: {_messages(number)}.")


@peers.command("forget")
@config_option
@click.argument("origin")
@as_option
@click.confirmation_option(prompt="What waits never arrives then. Drop it?")
@runs
async def forget(config: Path, origin: str, as_: str | None) -> None:
    """Drop for good what waits for ORIGIN, which will not come back."""
    async with opened(settings_from(config)) as app, app[DATABASE].transaction() as tx:
        number = await moderation.forget(tx, await administrator(tx, as_), _origin(origin))
    console.print(f"Dropped: {_messages(number)}.")


@click.group(cls=Sentences)
def block() -> None:
    """Block, limit or allow domains and accounts elsewhere, and take that back."""


@block.command("add")
@config_option
@click.argument("subject")
@reason_option
@click.option("--limit", is_flag=True, help="Only limit: heard by those alone who chose to.")
@as_option
@runs
async def add(config: Path, subject: str, reason: str, limit: bool, as_: str | None) -> None:
    """Block SUBJECT: a domain with all below it, or the address of one account.

    Every running server obeys within a second.
    """
    standing = network.Standing.LIMITED if limit else network.Standing.BLOCKED
    async with opened(settings_from(config)) as app, app[DATABASE].transaction() as tx:
        viewer = await administrator(tx, as_)
        kept = await moderation.decide(tx, viewer, subject, standing, reason)
    console.print(f"{kept} is {standing}.")


@block.command("allow")
@config_option
@click.argument("subject")
@reason_option
@as_option
@runs
async def allow(config: Path, subject: str, reason: str, as_: str | None) -> None:
    """Let SUBJECT speak to an instance that otherwise hears its allies only.

    A domain is allowed for itself, without those below it.
    """
    async with opened(settings_from(config)) as app, app[DATABASE].transaction() as tx:
        viewer = await administrator(tx, as_)
        kept = await moderation.decide(tx, viewer, subject, network.Standing.ALLOWED, reason)
    console.print(f"{kept} is allowed.")


@block.command("remove")
@config_option
@click.argument("subject")
@as_option
@runs
async def remove(config: Path, subject: str, as_: str | None) -> None:
    """Take back what was decided about SUBJECT, as `block list` writes it."""
    async with opened(settings_from(config)) as app, app[DATABASE].transaction() as tx:
        await moderation.lift(tx, await administrator(tx, as_), subject)
    console.print(f"Nothing is decided about {subject} any more.")


@block.command("list")
@config_option
@as_option
@runs
async def list_decisions(config: Path, as_: str | None) -> None:
    """List who is blocked, limited or allowed, since when and why."""
    async with opened(settings_from(config)) as app, app[DATABASE].reading() as tx:
        await administrator(tx, as_)
        decided = await network.decisions(tx)
    for one in decided:
        click.echo(f"{one.subject}: {one.standing}, {one.since:%Y-%m-%d}: {one.reason}")
    console.print(f"{len(decided)} decisions.")


def _origin(written: str) -> str:
    """Return a server's address, of which people write the name alone."""
    return written if "://" in written else f"https://{written.lower()}"


def _messages(number: int) -> str:
    return "1 message" if number == 1 else f"{number} messages"


def _lasting(minutes: int) -> str:
    """Write how long something waits, as the page about peers does."""
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} min"


def _line(one: PeerLine) -> str:
    since = f", not reached since {one.failing_since:%Y-%m-%d %H:%M}" if one.failing_since else ""
    heard = f"heard {one.heard:%Y-%m-%d %H:%M}" if one.heard else "never heard"
    reached = f"reached {one.delivered:%Y-%m-%d %H:%M}" if one.delivered else "never reached"
    waits = f"{one.waiting} waiting" + (f" for {_lasting(one.lag)}" if one.waiting else "")
    why = f": {one.why % one.values if one.values else one.why}" if one.why else ""
    standing = f" ({one.standing})" if one.standing else ""
    return f"{one.origin}{standing}: {waits}, {heard}, {reached}{since}{why}"
