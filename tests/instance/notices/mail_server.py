"""A server that takes e-mail on a real socket, and can be told to refuse it."""

from __future__ import annotations

import asyncio
import email
from email.message import EmailMessage
from email.policy import default


class MailServer:
    """Speaks enough SMTP to take a mail; `answers` are given to RCPT in turn before 250."""

    def __init__(self):
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []
        self.tried = 0
        self._server: asyncio.Server | None = None

    async def start(self):
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader, writer):
        async def say(line):
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        await say("220 mail.test")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                await say("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(email.message_from_bytes(body[:-3], policy=default))
                await say("250 taken")
            elif verb == "RCPT":
                self.tried += 1
                await say(self.answers.pop(0) if self.answers else "250 known")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 yes")
        writer.close()
        await writer.wait_closed()
