"""A push is encrypted for one device, signed by us, and says only that there is something."""

from __future__ import annotations

import base64
import json
import struct
from datetime import timedelta

import pytest
import sqlalchemy as sa
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from instance.app import POSTMAN
from instance.notices import channels, webpush
from instance.notices import service as notices
from instance.notices.models import Channel, Mail, MailState, PushDevice
from instance.people import sessions
from tests.instance.jobs.commune import found
from tests.instance.notices.test_notices import SHIFT

CURVE = ec.SECP256R1()


def b64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_the_example_of_rfc_8291_comes_out_byte_for_byte():
    device = webpush.Device(
        "https://push.example/1",
        b64(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNto"
            "IAiw4"
        ),
        b64("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    scalar = int.from_bytes(b64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    sealed = webpush.encrypt(
        b"When I grow up, I want to be a watermelon",
        device,
        key=ec.derive_private_key(scalar, CURVE),
        salt=b64("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert text(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWA"
        "mS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj"
        "_Qulcy4a-fN"
    )


class PushService:
    """A browser and its push service: it takes what is signed, and opens it with its own key."""

    def __init__(self):
        self.key = ec.generate_private_key(CURVE)
        self.secret = b"sixteen secrets!"
        self.opened, self.headers = [], []
        self.status = 201
        self.origin = "http://push.test"

    @property
    def form(self):
        return {
            "endpoint": f"{self.origin}/send/1",
            "public": text(webpush._point(self.key.public_key())),
            "secret": text(self.secret),
        }

    def application(self):
        app = web.Application()
        app.router.add_post("/send/1", self._take)
        return app

    async def _take(self, request):
        if self.status != 201:
            return web.Response(status=self.status)
        self._check(request.headers["Authorization"])
        self.headers.append(request.headers)
        self.opened.append(json.loads(self.open(await request.read())))
        return web.Response(status=201)

    def _check(self, given):
        token, _, key = given.removeprefix("vapid t=").partition(", k=")
        signed, _, signature = token.rpartition(".")
        raw = b64(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, b64(key))
        public.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
        assert json.loads(b64(signed.split(".")[1]))["aud"] == self.origin

    def open(self, body):
        salt, (size, length) = body[:16], struct.unpack("!IB", body[16:21])
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
        shared = self.key.exchange(ec.ECDH(), public)
        ours = webpush._point(self.key.public_key())

        def derived(secret, salted, about, wanted):
            return HKDF(hashes.SHA256(), wanted, salted, about).derive(secret)

        first = derived(shared, self.secret, b"WebPush: info\0" + ours + theirs, 32)
        key = derived(first, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(first, salt, b"Content-Encoding: nonce\0", 12)
        return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x02")


@pytest.fixture
async def push(world):
    made = PushService()
    await world.network.serve("push.test", made.application())
    return made


@pytest.fixture
async def care(world):
    commune = await found(world)
    async with commune.database.transaction() as tx:
        await channels.ensure_push_key(tx)
    return commune


async def signed_up(care, push, **more):
    browser = await care.browser(care.member)
    status, _, _ = await browser.ask("/me/messages/devices", {**push.form, **more})
    return status


async def ask(care):
    async with care.database.transaction() as tx:
        until = tx.now + timedelta(minutes=10)
        await notices.tell(tx, [care.member], "invited", SHIFT, "/invitations/abc", until=until)
    await care.running.app[POSTMAN].step()


async def devices(care):
    async with care.database.reading() as tx:
        return len((await tx.session.scalars(sa.select(PushDevice))).all())


async def pushes(care):
    async with care.database.reading() as tx:
        rows = await tx.session.scalars(sa.select(Mail).where(Mail.channel == Channel.PUSH))
        return [(one.state, one.reason) for one in rows]


async def test_a_push_arrives_encrypted_and_says_only_that_there_is_something(care, push):
    assert await signed_up(care, push) == 303
    await ask(care)

    [said] = push.opened
    assert said["title"] == "Care"
    assert "asked to work" in said["text"]
    assert "Home care" not in str(said)
    assert said["to"].startswith("http://care.test/notices/")
    [headers] = push.headers
    assert (headers["TTL"], headers["Urgency"]) == ("600", "high")
    assert [one for one, _ in await pushes(care)] == [MailState.SENT]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_its_service_knows_no_more_is_forgotten(care, push, status):
    await signed_up(care, push)
    push.status = status
    await ask(care)

    assert await devices(care) == 0
    assert [one for one, _ in await pushes(care)] == [MailState.FAILED]


async def test_a_service_that_is_busy_is_tried_again(care, push, clock):
    await signed_up(care, push)
    push.status = 503
    await ask(care)
    push.status = 201
    clock.advance(seconds=31)
    await care.running.app[POSTMAN].step()
    assert len(push.opened) == 1


async def test_a_device_on_which_she_is_no_longer_signed_in_is_sent_nothing(care, push):
    await signed_up(care, push)
    async with care.database.transaction() as tx:
        await sessions.end_all(tx, care.member)
    await ask(care)
    assert push.opened == []
    async with care.database.transaction() as tx:
        await channels.forget_devices(tx)
    assert await devices(care) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "file:///etc/passwd"},
        {"endpoint": "http://push.test/" + "x" * 1000},
        {"public": "AAAA"},
        {"secret": "AAAA"},
    ],
    ids=lambda one: next(iter(one)),
)
async def test_what_no_browser_gives_is_refused(care, push, wrong):
    assert await signed_up(care, push, **wrong) == 422
    assert await devices(care) == 0


async def test_an_address_inside_our_own_network_is_never_connected_to(care, push):
    """The guard of all that is fetched stands before pushes, too."""
    assert await signed_up(care, push, endpoint="http://10.0.0.1/send/1") == 303
    await ask(care)
    assert push.opened == []
    [(state, reason)] = await pushes(care)
    assert (state, "not a public address" in reason) == (MailState.FAILED, True)
