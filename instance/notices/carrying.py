"""Texts to the co-op's gateway, and pushes to the services that browsers named."""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from instance.db import Database
from instance.handing import hand
from instance.language import N_, translate
from instance.notices import channels, webpush
from instance.notices.kinds import KINDS
from instance.notices.mailing import MailToSend
from instance.notices.words import Worded, worded

MOST_TEXT = 600
"""Characters of a text: four to nine parts of a text message."""
DAY_SECONDS = 86_400
GONE = frozenset({404, 410})
_ASKED = N_("You are asked to work. Look what, where and when, and answer.")
_NEWS = N_("There is news for you.")


async def send_text(database: Database, mail: MailToSend) -> tuple[str, bool]:
    """Hand a text to the gateway, signed; return why it failed, and whether that is for good.

    `Ayni-Signature` is the HMAC-SHA-256, in hexadecimal, of `Ayni-Time`, a full stop and the body.
    """
    settings = database.settings
    words = worded(mail.kind, mail.values, mail.language, settings)
    body = msgspec.json.encode(
        {
            "id": mail.id,
            "to": mail.address,
            "text": text_of(words, mail.link),
            "language": mail.language,
        }
    )
    async with database.reading() as tx:
        time = str(int(tx.now.timestamp()))
    signed = hmac.new(settings.text_secret.encode(), f"{time}.".encode() + body, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "Ayni-Time": time,
        "Ayni-Signature": signed.hexdigest(),
        "Idempotency-Key": mail.id,
    }
    _, failure, final = await hand(database, settings.text_gateway, body, headers)
    return failure, final


async def send_push(database: Database, mail: MailToSend) -> tuple[str, bool]:
    """Hand a push to its device's service; return why it failed, and whether that is for good.

    It says no more than that there is something: what it is stands on the page it opens.
    """
    async with database.reading() as tx:
        device, now = await channels.device(tx, mail.address), tx.now
        pem = await channels.push_pem(tx)
    if device is None:
        return "this device is gone", True
    insists = KINDS[mail.kind].insists
    said = translate(mail.language, _ASKED if mail.kind == "invited" else _NEWS)
    body = {"title": database.settings.name, "text": said, "to": mail.link, "id": mail.id}
    left = (mail.until - now).total_seconds() if mail.until else DAY_SECONDS
    headers = {
        "Authorization": webpush.authorization(device.endpoint, pem, database.settings.origin, now),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(min(max(left, 0), DAY_SECONDS))),
        "Urgency": "high" if insists else "normal",
    }
    sealed = webpush.encrypt(msgspec.json.encode(body), device)
    status, failure, final = await hand(database, device.endpoint, sealed, headers)
    if status in GONE:
        async with database.transaction() as tx:
            await channels.drop_device(tx, mail.address)
    return failure, final


def text_of(words: Worded, link: str) -> str:
    """Return a message as a text: all that is needed to decide, and where to answer."""
    lines = [words.title, *words.lines]
    said = "\n".join(lines)
    tail = f"\n{words.act}: {link}" if words.act and link else ""
    room = MOST_TEXT - len(tail)
    return (said if len(said) <= room else said[: room - 1] + "…") + tail
