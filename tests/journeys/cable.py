"""The wire between a telephone and its co-op: it can be cut, and can lose what comes back."""

from __future__ import annotations

import asyncio
import contextlib


class Cable:
    """Carries bytes between whoever connects and a server, counts them, and breaks when told."""

    def __init__(self, network, name: str) -> None:
        self._network, self._name = network, name
        self._to = network.names[name]
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.cut = False
        self.loses_answers = False
        self.carried = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self._network.names[self._name] = self._server.sockets[0].getsockname()[:2]
        return self

    async def __aexit__(self, *_):
        self._network.names[self._name] = self._to
        self._break()
        self._server.close()

    def pull(self) -> None:
        """Pull it out: what is under way breaks off, and nothing gets through."""
        self.cut = True
        self._break()

    def plug(self) -> None:
        """Put it back."""
        self.cut = self.loses_answers = False

    def _break(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.transport.abort()
            return
        to_reader, to_writer = await asyncio.open_connection(*self._to)
        self._open |= {writer, to_writer}
        await asyncio.gather(
            self._pass(reader, to_writer, back=False), self._pass(to_reader, writer, back=True)
        )

    async def _pass(self, source, sink, *, back: bool) -> None:
        with contextlib.suppress(ConnectionError, OSError):
            while part := await source.read(65_536):
                if back and self.loses_answers:
                    self.pull()
                    return
                self.carried += len(part) if back else 0
                sink.write(part)
                await sink.drain()
        with contextlib.suppress(ConnectionError, OSError):
            sink.close()
