"""Carries messages to what delivers them, beside the courier, outside any transaction."""

from __future__ import annotations

import asyncio
import contextlib
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

import aiosmtplib
import structlog

from instance.db import Database
from instance.notices import carrying, mailing
from instance.notices.mailing import MailToSend, MakeLink
from instance.notices.models import Channel
from instance.notices.words import worded
from instance.pages import Pages

IDLE_SECONDS = 5.0
TIMEOUT_SECONDS = 30.0

log = structlog.get_logger(__name__)


class Postman:
    """Takes the messages that are due and hands each to what carries it.

    That is the server named in the settings for e-mail, the co-op's gateway for texts, and for
    pushes the service that the browser named. Without a server for it an e-mail is kept, and
    administrators read it at /mail.
    """

    def __init__(self, database: Database, pages: Pages, make_link: MakeLink) -> None:
        self._database = database
        self._pages = pages
        self._make_link = make_link
        self._task: asyncio.Task[None] | None = None

    async def step(self) -> bool:
        """Send once what is due; return whether there was anything."""
        async with self._database.reading() as tx:
            if not await mailing.is_waiting(tx):
                return False
        async with self._database.transaction() as tx:
            taken = await mailing.claim(tx, self._make_link)
        for mail in taken:
            await self._send(mail)
        return bool(taken)

    def start(self) -> None:
        """Begin to run in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; a mail that is under way is tried again after its lease."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def write(self, mail: MailToSend) -> EmailMessage:
        """Write a mail as it is sent: plain text, in its reader's language."""
        settings = self._database.settings
        words = worded(mail.kind, mail.values, mail.language, settings)
        message = EmailMessage()
        sender = (
            settings.smtp_from or settings.smtp_user or f"ayni@{settings.host.partition(':')[0]}"
        )
        message["From"] = formataddr((_line(settings.name), _line(sender)))
        message["To"] = _line(mail.address)
        message["Subject"] = _line(words.title)
        message["Date"] = format_datetime(mail.made)
        message["Message-ID"] = f"<{mail.id}@{settings.host.partition(':')[0]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(
            self._pages.write(
                mail.language, "mail/notice.txt", words=words, link=mail.link, name=mail.name
            )
        )
        return message

    async def _send(self, mail: MailToSend) -> None:
        if mail.channel is Channel.MAIL:
            failure, final = await self._send_mail(mail)
        elif mail.channel is Channel.TEXT:
            failure, final = await carrying.send_text(self._database, mail)
        else:
            failure, final = await carrying.send_push(self._database, mail)
        if failure:
            log.warning("a message was not sent", message=mail.id, reason=failure)
        async with self._database.transaction() as tx:
            await mailing.settle(tx, mail, failure, final=final)

    async def _send_mail(self, mail: MailToSend) -> tuple[str, bool]:
        """Send an e-mail; return why it could not be sent, and whether that is for good."""
        failure, final = "", False
        try:
            await self._hand_over(self.write(mail))
        except aiosmtplib.SMTPRecipientsRefused as error:
            failure, final = str(error), all(one.code >= 500 for one in error.recipients)
        except aiosmtplib.SMTPResponseException as error:
            failure, final = str(error), error.code in {550, 551, 552, 553, 554}
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            failure, final = f"{type(error).__name__}: {error}", isinstance(error, ValueError)
        return failure, final

    async def _hand_over(self, message: EmailMessage) -> None:
        settings = self._database.settings
        await aiosmtplib.send(
            message,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password or None,
            use_tls=settings.smtp_port == 465,
            # Whoever signs in does so over TLS or not at all.
            start_tls=True if settings.smtp_user and settings.smtp_port != 465 else None,
            timeout=TIMEOUT_SECONDS,
        )

    async def _run(self) -> None:
        while True:
            try:
                busy = await self.step()
            except Exception:
                log.exception("the postman stumbled and goes on")
                busy = False
            if not busy:
                await asyncio.sleep(IDLE_SECONDS)


def _line(text: str) -> str:
    """Keep a header to one line, whatever was put into it."""
    return " ".join(text.split())
