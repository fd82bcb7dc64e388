"""Several processes on one PostgreSQL: what one commits wakes the couriers of all others at once.

It is said after the commit, on a connection of its own, so that no commit waits for it; a process
that dies in between costs the others one idle second.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import asyncpg  # type: ignore[import-untyped]  # it carries no types
import sqlalchemy as sa
import structlog

from federation import new_token
from instance.db import Database

CHANNEL: Final = "ayni_committed"
TOGETHER_SECONDS: Final = 0.01
AGAIN_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


class Commits(asyncio.Event):
    """Set by whatever is committed, here or elsewhere; `said` is set by what is committed here."""

    def __init__(self) -> None:
        super().__init__()
        self.said = asyncio.Event()

    def set(self) -> None:
        """Wake who waits, and have it told to other processes."""
        self.said.set()
        super().set()

    def hear(self) -> None:
        """Wake who waits because of another process, which is told to nobody again."""
        super().set()


class Waker:
    """Tells other processes of the same database what is committed here, and listens to them."""

    def __init__(self, database: Database) -> None:
        self._url = _plain(database.settings.database)
        self._alone = database.settings.on_sqlite
        self._name = new_token()
        self._commits = Commits()
        database.committed = self._commits
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tell and to listen; on SQLite there is nobody else."""
        if not self._alone:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop, and let go of the connection."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._keep_connected()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                log.warning("other processes are not heard just now; what they do is found later")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _keep_connected(self) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            connection.add_termination_listener(lambda _: self._commits.said.set())
            await connection.add_listener(CHANNEL, self._hear)
            self._commits.hear()  # something may have been said while nobody listened
            while not connection.is_closed():
                await self._commits.said.wait()
                self._commits.said.clear()
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, self._name)
                await asyncio.sleep(TOGETHER_SECONDS)
        finally:
            await connection.close(timeout=AGAIN_SECONDS)

    def _hear(self, _connection: object, _process: int, _channel: str, name: object) -> None:
        if name != self._name:
            self._commits.hear()


def _plain(url: str) -> str:
    """Return a database's address as the driver itself reads it."""
    made = sa.make_url(url).set(drivername="postgresql")
    return made.render_as_string(hide_password=False)
