"""The servers of the demonstration: started, watched, stopped, and gone when we are gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import aiohttp
import click

from instance.demo.coops import Coop

STOP_SECONDS = 10
READY_SECONDS = 180
ROOT = Path(__file__).parents[2]


class Children:
    """One server for each co-op. Their standard input is ours to close: then they stop."""

    def __init__(self, log: IO[str] | None) -> None:
        self._log = log
        self._where = log.name if log else "what it wrote above"
        self._running: list[Process] = []

    async def start(self, coops: Sequence[Coop]) -> None:
        """Start the servers and wait until each answers."""
        for coop in coops:
            self._running.append(await self._serve(coop))
        await asyncio.gather(*[self._answers(coop) for coop in coops])

    async def ended(self) -> None:
        """Wait until one of them ends, which none should."""
        waiting = [asyncio.create_task(one.wait()) for one in self._running]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def stop(self) -> None:
        """Ask all to finish what is under way; end those that take too long."""
        for one in self._running:
            with contextlib.suppress(ProcessLookupError):
                one.terminate()
        for one in self._running:
            try:
                await asyncio.wait_for(one.wait(), STOP_SECONDS)
            except TimeoutError:
                one.kill()
                await one.wait()
        self._running.clear()

    async def _serve(self, coop: Coop) -> Process:
        listen = f"127.0.0.1:{coop.port}"
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "instance", "serve", "--stop-with-input"),
            *("--config", str(coop.config), "--listen", listen),
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )

    async def _answers(self, coop: Coop) -> None:
        url = f"http://127.0.0.1:{coop.port}/actor"
        headers = {"Host": coop.origin.partition("://")[2], "Accept": "application/activity+json"}
        async with aiohttp.ClientSession() as client:
            for _ in range(READY_SECONDS * 10):
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with client.get(url, headers=headers) as answer:
                        if answer.status == 200:
                            return
                if any(one.returncode is not None for one in self._running):
                    break
                await asyncio.sleep(0.1)
        raise click.ClickException(f"{coop.origin} does not answer; {self._where} says why.")


def refuse_taken(ports: Sequence[int]) -> None:
    """Say which ports are in use, before anything is begun."""
    taken = [port for port in ports if _is_taken(port)]
    if taken:
        listed = ", ".join(map(str, taken))
        raise click.ClickException(
            f"In use already: port {listed}. Stop what runs there (another demonstration?), or "
            "choose other ports with --port and --reset."
        )


def _is_taken(port: int) -> bool:
    with socket.socket() as asking:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asking.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
