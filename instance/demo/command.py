"""The command that shows the program at work: demo."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
import webbrowser
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import msgspec

from instance import migrations
from instance.commands.opening import console, runs, settings_from
from instance.db import Database
from instance.demo import past, peopling
from instance.demo.children import Children, refuse_taken
from instance.demo.coops import (
    BEGIN,
    PORT,
    ZONE,
    Coop,
    beginning,
    coops,
    groups_of,
    people_of,
    weeks_until,
)
from instance.demo.guide import Door, door_origin, write_guides

STALE = timedelta(weeks=4)
MARK, LOG = "demo.json", "demo.log"
MAKING = "making"
MEET = (
    ("care", "koel", "leads Shatin Care, which has a job to fill"),
    ("wash", "heron", "leads Kwun Tong Clean & Wash, which could lend people"),
    ("wash", "gardenia", "works at Kwun Tong Clean & Wash"),
    ("green", "peony", "works at Green Hands and would like to join Shatin Care"),
)


class Mark(msgspec.Struct, frozen=True):
    """What a demonstration remembers: its first port, and by how many weeks it was moved."""

    port: int
    weeks: int


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65_532),
    default=PORT,
    show_default=True,
    help="The first of four ports in a row.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line when ready, for programs.")
@click.option("--no-browser", is_flag=True, help="Do not open the first page.")
@click.option("--reset", is_flag=True, help="Throw away what was done and begin anew.")
@runs
async def demo(port: int, as_json: bool, no_browser: bool, reset: bool) -> None:
    """Show three co-ops that lend each other labour, on this machine, with invented people.

    What you do is kept in ./demo-data (or $AYNI_DEMO_DATA) until --reset. Ctrl-C stops it.
    """
    began = time.monotonic()
    folder = Path(os.environ.get("AYNI_DEMO_DATA", "demo-data"))
    places = coops(folder, port)
    refuse_taken(range(port, port + 4))
    mark = await _made(folder, places, reset=reset)
    with _stop_signal() as stop:
        log = None if as_json else (folder / LOG).open("a", encoding="utf-8")
        with log or contextlib.nullcontext():
            children = Children(log)
            databases = {coop.key: Database(settings_from(coop.config)) for coop in places}
            door = Door(write_guides(places, port + 3), port + 3, databases)
            try:
                ready = await _opened(places, databases, children)
                await door.open()
                _tell(ready, port, time.monotonic() - began, as_json=as_json, stale=_stale(mark))
                if not (as_json or no_browser):
                    webbrowser.open(f"{places[0].origin}/")
                await _until(stop.wait(), children.ended())
            finally:
                await door.close()
                await children.stop()
    if not stop.is_set():
        where = "what it wrote above" if as_json else f"{folder / LOG}"
        raise click.ClickException(f"A server has stopped by itself; {where} says why.")


async def _made(folder: Path, places: Sequence[Coop], *, reset: bool) -> Mark:
    """Make and people what is not there yet, each co-op in a process of its own."""
    mark = _mark_in(folder, places[0].port, reset=reset)
    if mark is not None:
        return mark
    today = datetime.now(ZONE).date()
    mark = Mark(places[0].port, weeks_until(today))
    (folder / MAKING).touch()
    write_guides(tuple(places), places[-1].port + 1)
    loop = asyncio.get_running_loop()
    with (
        _doing("Making three co-ops and 120 people, the first time only …"),
        ProcessPoolExecutor(
            len(places), get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_DFL)
        ) as workers,
    ):
        making = [
            _peopled(
                coop,
                loop.run_in_executor(workers, peopling.make, coop, mark.weeks, beginning(today)),
            )
            for coop in places
        ]
        await asyncio.gather(*making)
    with _doing("Letting an ally lend two people, whose shift is over by now …"):
        await past.act(places, today)
    (folder / MARK).write_bytes(msgspec.json.encode(mark))
    (folder / MAKING).unlink()
    return mark


async def _peopled(coop: Coop, making: Awaitable[None]) -> None:
    await making
    _say(f"{groups_of(coop.key)[0].name}: {len(people_of(coop.key))} people are there.")


@contextlib.contextmanager
def _doing(words: str) -> Iterator[None]:
    """Say what takes a while: in a line that moves, or where nothing can move in one that stays."""
    with console.status(words):
        if not console.is_terminal:
            _say(words)
        yield


def _say(words: str) -> None:
    console.print(words, soft_wrap=True)


async def _opened(
    places: Sequence[Coop], databases: Mapping[str, Database], children: Children
) -> list[peopling.Peopled]:
    """Start the servers and, meanwhile, give everybody a fresh link and token."""
    for database in databases.values():
        await migrations.upgrade(database)
    with _doing("Opening the doors …"):
        starting = asyncio.ensure_future(children.start(places))
        ready = [await peopling.open_doors(databases[coop.key], coop) for coop in places]
        await starting
    return ready


def _stale(mark: Mark) -> bool:
    """Tell whether the world began so long ago that its jobs are over."""
    return datetime.now(ZONE).date() > BEGIN + timedelta(weeks=mark.weeks) + STALE


def _mark_in(folder: Path, port: int, *, reset: bool) -> Mark | None:
    """Return what an earlier start left; None when everything has to be made.

    Raises ClickException for a folder that holds something else, and for another port: addresses
    hold the port and are for good.
    """
    ours = (folder / MARK).is_file() or (folder / MAKING).is_file()
    if folder.exists() and any(folder.iterdir()) and not ours:
        raise click.ClickException(
            f"{folder} holds something else: move it away, or set AYNI_DEMO_DATA to another folder."
        )
    if ours and (reset or not (folder / MARK).is_file()):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for coop in coops(folder, port):
        Path(coop.folder).mkdir(exist_ok=True)
    if not (folder / MARK).is_file():
        return None
    mark = msgspec.json.decode((folder / MARK).read_bytes(), type=Mark)
    if mark.port != port:
        raise click.ClickException(
            f"This demonstration lives at port {mark.port}, and addresses are for good: start it "
            f"with --port {mark.port}, or begin anew with --port {port} --reset."
        )
    return mark


@contextlib.contextmanager
def _stop_signal() -> Iterator[asyncio.Event]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for one in signals:
        loop.add_signal_handler(one, stop.set)
    try:
        yield stop
    finally:
        for one in signals:
            loop.remove_signal_handler(one)


async def _until(*happenings: Any) -> None:
    tasks = [asyncio.ensure_future(one) for one in happenings]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for one in tasks:
        one.cancel()


def _tell(
    ready: Sequence[peopling.Peopled], port: int, seconds: float, *, as_json: bool, stale: bool
) -> None:
    if stale:
        console.print("The jobs of this demonstration lie in the past: --reset brings new ones.")
    if as_json:
        click.echo(json_line(ready))
        return
    links = {(one.origin, who.username): who for one in ready for who in one.people}
    console.print(f"Ready after {seconds:.1f} s. Whom would you like to be?\n")
    for key, username, does in MEET:
        coop = next(one for one in ready if one.origin.startswith(f"http://{key}."))
        who = links[coop.origin, username]
        console.print(f"[bold]{who.name}[/bold] {does}:")
        console.print(f"  {who.signin}\n", soft_wrap=True)
    guide = door_origin(port + 3)
    console.print(f"What to click first, and a fresh link for everybody: {guide}/")
    console.print("Ctrl-C stops everything; what you do is kept.")


def json_line(ready: Sequence[peopling.Peopled]) -> str:
    """Write the one line that programs read: instances, their groups, people, links, tokens."""
    instances = [
        {
            "origin": one.origin,
            "connect": one.connect,
            "groups": [{"id": group.id, "username": group.username} for group in one.groups],
            "people": [
                {
                    "id": who.id,
                    "username": who.username,
                    "role": who.role,
                    "signin": who.signin,
                    "token": who.token,
                }
                for who in one.people
            ],
        }
        for one in ready
    ]
    return msgspec.json.encode({"instances": instances}).decode()
