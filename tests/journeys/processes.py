"""An instance as a process of its own, which can be killed; its clock is moved by a file."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from instance.commands import setup
from instance.db import Database
from instance.people import service as people
from instance.people import sessions
from instance.settings import Settings

ROOT = Path(__file__).parents[2]
PATIENCE = 240
"""Seconds, for a machine that has much else to do."""


def free_ports(count: int) -> list[int]:
    """Find ports that nobody uses."""
    with contextlib.ExitStack() as held:
        taken = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]


class Ahead:
    """By how many seconds the clock of every process is ahead, in a file."""

    def __init__(self, path: Path) -> None:
        self.path, self.seconds = path, 0.0
        self.move(0)

    def move(self, seconds: float) -> None:
        """Move every clock on at once."""
        self.seconds += seconds
        fresh = self.path.with_suffix(".new")
        fresh.write_text(str(self.seconds))
        fresh.replace(self.path)


class Server:
    """One co-op in a process of its own; without a `clock` that can be moved it has its own."""

    def __init__(
        self, folder: Path, name: str, port: int, clock: Ahead | None, database: str = ""
    ) -> None:
        self.folder, self.port, self.clock = folder / name, port, clock
        self.origin = f"http://{name}.localhost:{port}"
        self.name, self._database = name, database
        self.group = ""
        self.tokens: dict[str, str] = {}
        self.killed = 0
        self._process: Process | None = None

    @property
    def settings(self) -> Settings:
        """Its settings, which are those of a trial on this machine."""
        given = {"origin": self.origin, "name": f"{self.name.title()} Co-op"}
        given |= {"database": self._database} if self._database else {}
        return setup.settings_for(self.folder, given | setup.TRIAL)

    async def found(self, leader: str) -> None:
        """Make the instance, as `init` does."""
        founded = await setup.found(self.folder, self.settings, group=self.name, admin=leader)
        self.group = founded.group
        await self.gives_a_token(leader)

    async def gives_a_token(self, username: str) -> None:
        """Let somebody's program act for her with all her rights."""
        database = Database(self.settings)
        try:
            async with database.transaction() as tx:
                person = await people.person_named(tx, username)
                rights = await people.rights_of(tx, person.iri)
                scopes = {"self", *(["admin"] if rights else [])} | {
                    f"group:{one.group.rpartition('/')[2]}:lead"
                    for one in rights
                    if one.role is not people.Role.MEMBER
                }
                token = await sessions.make_token(tx, person.iri, scopes, "test", days=3_650)
        finally:
            await database.close()
        self.tokens[username] = token

    async def start(self) -> None:
        """Start the process and wait until it answers."""
        self._process = await self.run("serve")
        await until(self._answers)

    async def run(self, command: str, *arguments: str) -> Process:
        """Run a command of the program as a process of its own, which ends when we do."""
        config = str(self.folder / "ayni.toml")
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        with (self.folder / "log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *self._program,
                *(command, "--stop-with-input", "--config", config, *arguments),
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=log,
                env={**os.environ, "PYTHONPATH": path},
            )

    @property
    def _program(self) -> Sequence[str]:
        if self.clock is None:
            return (sys.executable, "-m", "instance")
        return (sys.executable, str(Path(__file__)), str(self.clock.path))

    @property
    def pid(self) -> int:
        """The number of the running process; 0 when there is none."""
        going = self._process and self._process.returncode is None
        return self._process.pid if going else 0

    async def kill(self) -> None:
        """End the process as a power cut does."""
        assert self._process, "it was started"
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        self.killed += 1

    async def stop(self) -> None:
        """End the process."""
        if self._process and self._process.returncode is None:
            await self.kill()

    async def get(self, path: str, who: str) -> Any:
        """Read something, as soon as it is answered."""
        status, said = await self._insist("GET", path, who, {})
        assert status == 200, (path, status, said)
        return said

    async def post(self, path: str, who: str, **body: Any) -> Any:
        """Do something."""
        status, said = await self._insist("POST", path, who, body)
        assert status < 300, (path, status, said)
        return said

    async def press(self, path: str, who: str, **body: Any) -> None:
        """Press a button as somebody does who does not know whether she pressed it before."""
        status, said = await self._insist("POST", path, who, body)
        assert status < 300 or status in {404, 409}, (path, status, said)

    async def _insist(
        self, method: str, path: str, who: str, body: dict[str, Any]
    ) -> tuple[int, Any]:
        """Ask until there is an answer."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await self._once(method, path, who, body)
                except (aiohttp.ClientError, OSError):
                    await asyncio.sleep(0.05)

    async def _once(
        self, method: str, path: str, who: str, body: dict[str, Any]
    ) -> tuple[int, Any]:
        given = {
            "Host": self.origin.partition("://")[2],
            "Authorization": f"Bearer {self.tokens[who]}",
        }
        bare, _, query = path.partition("?")
        url = f"http://127.0.0.1:{self.port}{bare}.json?{query}"
        json = body if method == "POST" else None
        async with (
            aiohttp.ClientSession(headers=given) as client,
            client.request(method, url, json=json) as answer,
        ):
            return answer.status, msgspec.json.decode(await answer.read())

    async def _answers(self) -> bool:
        assert self._process, "it was started"
        assert self._process.returncode is None, (self.folder / "log").read_text()
        with contextlib.suppress(aiohttp.ClientError, OSError):
            async with (
                aiohttp.ClientSession() as client,
                client.get(
                    f"http://127.0.0.1:{self.port}/actor",
                    headers={"Host": self.origin.partition("://")[2]},
                ),
            ):
                return True
        return False


async def until(true: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again and again, until the answer is true."""
    async with asyncio.timeout(PATIENCE):
        while not (answer := await true()):  # noqa: ASYNC110  # no process sets our event
            await asyncio.sleep(0.05)
        return answer


def main() -> None:
    """Run the program with a clock that is as many seconds ahead as a file says."""
    from instance import courier
    from instance.cli import main as program
    from instance.commands import serving

    ahead = Path(sys.argv.pop(1))

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(ahead.read_text()))

    courier.IDLE_SECONDS = float(os.environ.get("AYNI_TEST_IDLE", courier.IDLE_SECONDS))
    serving.create_app = functools.partial(serving.create_app, clock=clock)
    program()


if __name__ == "__main__":
    main()
