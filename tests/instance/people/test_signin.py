"""Coming in by password, link or code, and going out."""

from __future__ import annotations

import asyncio
import re

import pytest

from instance.errors import Conflict, NotFound, TooMany
from instance.people import attempts, passwords, rights, sessions, signin
from instance.people import service as people
from instance.people.events import SignInLinkMade
from instance.people.models import Attempt, Role, Session, SignInLink
from instance.people.routes.door import address_of, device_of, safe_path
from tests.instance.people.conftest import PASSWORD


async def enter(coop, **fields):
    browser = await coop.browser()
    answer = await browser.post("/sign-in/password", {"username": "ana"} | fields)
    return browser, answer


async def code_for(coop, person):
    async with coop.database.reading() as tx:
        mei, _ = await sessions.viewer_by_cookie(tx, await coop.cookie(coop.mei))
    async with coop.database.transaction() as tx:
        return await signin.make_code(tx, mei, person)


async def test_a_password_signs_in_and_leads_on(with_passwords):
    browser, answer = await enter(with_passwords, password=PASSWORD, next="/me")
    assert (answer.status, answer.to) == (303, "/me")
    morsel = answer.cookies["ayni_session"]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
    assert not morsel["secure"]
    assert (await browser.get("/me")).status == 200


async def test_the_cookie_is_secure_where_the_origin_is_https(world):
    care = await world.instance("care")
    object.__setattr__(care.database.settings, "origin", "https://care.test")
    async with care.database.transaction() as tx:
        ana = await people.add_person(tx, people.NewPerson("ana", "Ana"))
        link = await signin.make_link(tx, ana)
    path = link.removeprefix("https://care.test")
    async with world.network.client() as client:
        answer = await client.post(f"http://care.test{path}", allow_redirects=False)
        assert answer.status == 303
        assert answer.cookies["ayni_session"]["secure"]


@pytest.mark.parametrize("fields", [{"password": "wrong"}, {"username": "nobody"}])
async def test_unknown_and_wrong_are_answered_alike(with_passwords, fields):
    _, answer = await enter(with_passwords, **({"password": PASSWORD} | fields))
    assert answer.status == 422
    assert "That did not match" in answer.text
    assert PASSWORD not in answer.text
    assert "ayni_session" not in answer.cookies


async def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(coop, monkeypatch):
    verified = []
    monkeypatch.setattr(passwords, "_HASHER", Counting(passwords._HASHER, verified), raising=True)
    for username in ("nobody", "ana"):
        await enter(coop, username=username, password="x")
    assert len(verified) == 2


class Counting:
    def __init__(self, hasher, calls):
        self._hasher, self._calls = hasher, calls

    def verify(self, kept, password):
        self._calls.append(kept)
        return self._hasher.verify(kept, password)

    def __getattr__(self, name):
        return getattr(self._hasher, name)


async def test_an_account_without_a_password_has_none_to_guess(coop):
    for guess in ("", "the password of an account that does not exist", "None"):
        _, answer = await enter(coop, password=guess)
        assert answer.status == 422


async def test_guessing_is_stopped_even_when_the_right_one_comes(with_passwords, clock):
    for _ in range(attempts.PAIR):
        await enter(with_passwords, password="wrong")
    _, answer = await enter(with_passwords, password=PASSWORD)
    assert answer.status == 429
    clock.advance(minutes=16)
    _, answer = await enter(with_passwords, password=PASSWORD)
    assert answer.status == 303


async def test_many_guesses_in_the_same_moment_are_all_counted(with_passwords):
    asking = signin.Asking(address="198.51.100.7")
    guesses = [
        signin.by_password(with_passwords.database, "ana", f"guess {number}", asking)
        for number in range(attempts.PAIR * 3)
    ]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(one, TooMany) for one in outcomes) == attempts.PAIR * 2


async def test_signing_in_forgives_the_failures_before_it(with_passwords):
    for _ in range(3):
        for _ in range(attempts.PAIR - 1):
            await enter(with_passwords, password="wrong")
        assert (await enter(with_passwords, password=PASSWORD))[1].status == 303


async def test_counts_are_kept_without_addresses_and_forgotten(with_passwords, world, clock):
    await enter(with_passwords, password="wrong")
    async with with_passwords.database.reading() as tx:
        rows = (await tx.session.execute(Attempt.__table__.select())).all()
    assert rows
    assert all(re.fullmatch("[0-9a-f]{64}", row.key) for row in rows)
    clock.advance(minutes=40)
    await world.settle()
    async with with_passwords.database.reading() as tx:
        assert (await tx.session.execute(Attempt.__table__.select())).all() == []


async def test_a_session_that_was_planted_is_not_the_one_she_gets(with_passwords):
    browser = await with_passwords.browser()
    browser.cookies["ayni_session"] = "planted" * 7
    answer = await browser.post("/sign-in/password", {"username": "ana", "password": PASSWORD})
    assert answer.status == 303
    assert browser.cookie != "planted" * 7


async def test_signing_in_again_ends_the_session_before_on_this_device(with_passwords):
    browser = await with_passwords.browser(with_passwords.mei)
    before = browser.cookie
    await browser.post("/sign-in/password", {"username": "ana", "password": PASSWORD})
    async with with_passwords.database.reading() as tx:
        assert await sessions.session(tx, before) is None
        assert await sessions.session(tx, browser.cookie)


async def test_only_hashes_of_secrets_are_kept(coop):
    cookie, link = await coop.cookie(coop.ana), await coop.link(coop.ana)
    token = await coop.token(coop.ana, "self")
    async with coop.database.reading() as tx:
        kept = [
            str(row)
            for table in (Session, SignInLink, sessions.Token)
            for row in (await tx.session.execute(table.__table__.select())).all()
        ]
    assert len(kept) == 3
    for held in (cookie, link.rpartition("/")[2], token):
        assert not any(held in row for row in kept)


async def test_looking_at_a_link_does_not_use_it_up_and_pressing_does(coop):
    link = (await coop.link(coop.ana, to="/me")).removeprefix(coop.origin)
    path = link.partition("?")[0]
    for _ in range(3):
        page = await (await coop.browser()).get(link)
        assert (page.status, page.cookies.get("ayni_session")) == (200, None)
    browser = await coop.browser()
    answer = await browser.post(path, {"next": "/me"})
    assert (answer.status, answer.to) == (303, "/me")
    assert (await browser.get("/me")).status == 200

    again = await coop.browser()
    assert (await again.post(path)).status == 410
    assert (await again.get(link)).status == 410
    assert not again.cookie


async def test_a_link_pressed_twice_in_the_same_moment_signs_in_once(coop):
    path = (await coop.link(coop.ana)).removeprefix(coop.origin)
    browsers = [await coop.browser() for _ in range(5)]
    answers = await asyncio.gather(*(one.post(path) for one in browsers))
    assert sorted(one.status for one in answers) == [303, 410, 410, 410, 410]


async def test_a_link_ends_when_its_time_is_over(coop, clock):
    path = (await coop.link(coop.ana, minutes=60)).removeprefix(coop.origin)
    clock.advance(minutes=61)
    assert (await (await coop.browser()).post(path)).status == 410


async def asked(coop, name, monkeypatch):
    heard = []

    async def hear(_tx, made):
        heard.append(made)

    monkeypatch.setattr(coop.database, "subscribers", {SignInLinkMade: (hear,)})
    answer = await (await coop.browser()).post("/sign-in/link", {"name": name})
    return heard, answer


@pytest.mark.parametrize("name", ["mei", "@mei", "MEI@mail.example"])
async def test_a_link_is_sent_to_whom_it_belongs(coop, name, monkeypatch):
    heard, answer = await asked(coop, name, monkeypatch)
    assert [one.person for one in heard] == [coop.mei]
    assert answer.to == "/sign-in?way=link"
    browser = await coop.browser()
    assert (await browser.post(heard[0].url.removeprefix(coop.origin))).status == 303


async def test_asking_for_a_link_tells_nobody_who_has_an_account(coop, monkeypatch):
    known = await asked(coop, "mei", monkeypatch)
    unknown = await asked(coop, "nobody", monkeypatch)
    no_mail = await asked(coop, "ana", monkeypatch)
    answers = [
        (one.status, one.to, one.cookies["ayni_flash"].value)
        for _, one in (known, unknown, no_mail)
    ]
    assert len(set(answers)) == 1
    assert [len(heard) for heard, _ in (known, unknown, no_mail)] == [1, 0, 0]


async def test_nobody_fills_a_mailbox_with_links(coop, monkeypatch):
    sent = [len((await asked(coop, "mei", monkeypatch))[0]) for _ in range(6)]
    assert sent == [1, 1, 1, 0, 0, 0]


async def test_a_code_that_a_leader_shows_signs_in_once(coop):
    mei, ana = await coop.browser(coop.mei), await coop.browser()
    path = coop.ana.removeprefix(coop.origin)
    page = await mei.post(f"{path}/code")
    code = re.search(r">\s*(\d{6})\s*<", page.text)[1]
    assert page.headers["Cache-Control"] == "no-store"
    fields = {"username": "ana", "code": f"{code[:3]} {code[3:]}"}
    assert (await ana.post("/sign-in/code", fields)).status == 303
    assert (await ana.get("/me")).status == 200
    assert (await (await coop.browser()).post("/sign-in/code", fields)).status == 422


async def test_guessing_a_code_ends_it(coop):
    code = await code_for(coop, coop.ana)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for number in range(signin.TRIES):
        browser = await coop.browser()
        fields = {"username": "ana", "code": wrong}
        answer = await browser.post("/sign-in/code", fields)
        assert answer.status == 422, number
    answer = await (await coop.browser()).post("/sign-in/code", {"username": "ana", "code": code})
    assert answer.status == 422


async def test_a_code_guessed_from_everywhere_at_once_gets_no_more_tries(any_world):
    care = await any_world.instance("care")
    async with care.database.transaction() as tx:
        group = "http://care.test/groups/g"
        ana = await people.add_person(tx, people.NewPerson("ana", "Ana"))
        mei = await people.add_person(tx, people.NewPerson("mei", "Mei"))
        await rights.grant(tx, mei, group, Role.LEADER, "init")
        await rights.grant(tx, ana, group, Role.MEMBER, "init")
        cookie = await sessions.start(tx, mei, "password")
    async with care.database.transaction() as tx:
        viewer, _ = await sessions.viewer_by_cookie(tx, cookie)
        code = await signin.make_code(tx, viewer, ana)
    wrong = [f"{(int(code) + n) % 1_000_000:06}" for n in range(1, 13)]
    guesses = [
        signin.by_code(care.database, "ana", guess, signin.Asking(f"192.0.2.{number}"))
        for number, guess in enumerate(wrong)
    ]
    await asyncio.gather(*guesses, return_exceptions=True)
    async with care.database.reading() as tx:
        assert (await tx.session.execute(SignInLink.__table__.select())).all() == []


async def test_a_code_ends_after_ten_minutes(coop, clock):
    code = await code_for(coop, coop.ana)
    clock.advance(minutes=11)
    fields = {"username": "ana", "code": code}
    assert (await (await coop.browser()).post("/sign-in/code", fields)).status == 422


async def test_a_code_is_shown_by_her_own_leader_only_and_not_for_leaders(coop):
    async with coop.database.transaction() as tx:
        eve = await people.add_person(tx, people.NewPerson("eve", "Eve"))
        await rights.grant(tx, eve, "http://care.test/groups/other", Role.LEADER, "init")
    ana, mei = coop.ana.removeprefix(coop.origin), coop.mei.removeprefix(coop.origin)
    assert (await (await coop.browser()).post(f"{ana}/code")).status == 401
    assert (await (await coop.browser(coop.ana)).post(f"{mei}/code")).status == 404
    assert (await (await coop.browser(eve)).post(f"{ana}/code")).status == 404
    assert (await (await coop.browser(coop.mei)).post(f"{mei}/code")).status == 404
    with pytest.raises(NotFound):
        await code_for(coop, "http://care.test/people/missing")
    async with coop.database.transaction() as tx:
        await rights.grant(tx, coop.ana, coop.group, Role.LEADER, "vote")
    with pytest.raises(Conflict):
        await code_for(coop, coop.ana)


async def test_a_leader_shows_no_code_to_whoever_has_a_way_in_of_her_own(with_passwords):
    coop = with_passwords
    with pytest.raises(Conflict, match="a way in of her own"):
        await code_for(coop, coop.ana)


async def test_a_leader_shows_a_code_to_the_newly_added_until_she_has_been_in(coop):
    async with coop.database.transaction() as tx:
        await people.change_person(tx, coop.ana, email="ana@example.org")
    code = await code_for(coop, coop.ana)
    fields = {"username": "ana", "code": code}
    assert (await (await coop.browser()).post("/sign-in/code", fields)).status == 303
    with pytest.raises(Conflict, match="a way in of her own"):
        await code_for(coop, coop.ana)


async def test_signing_out_ends_the_session_and_clears_the_site(coop):
    browser = await coop.browser(coop.ana)
    stolen = browser.cookie
    answer = await browser.post("/sign-out")
    assert answer.status == 303
    assert "cookies" in answer.headers["Clear-Site-Data"]
    browser.cookies["ayni_session"] = stolen
    assert (await browser.get("/me")).status == 303


async def test_a_session_lasts_while_it_is_used_and_a_month_after(coop, clock):
    browser = await coop.browser(coop.ana)
    for _ in range(4):
        clock.advance(days=20)
        assert (await browser.get("/me")).status == 200
    clock.advance(days=31)
    assert (await browser.get("/me")).status == 303


async def test_sessions_that_are_over_leave_no_row(coop, world, clock):
    await coop.cookie(coop.ana)
    clock.advance(days=31)
    await world.settle()
    async with coop.database.reading() as tx:
        assert (await tx.session.execute(Session.__table__.select())).all() == []


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/week\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "week",
        "/sign-out",
        "/a" * 400,
        "/\u2028x",
    ],
)
def test_nobody_is_led_away_after_signing_in(evil):
    assert safe_path(evil, "/week") == "/week"


def test_a_path_of_our_own_is_where_she_is_led():
    assert safe_path("/jobs/x?day=2#a") == "/jobs/x?day=2#a"


def test_only_a_proxy_on_this_machine_is_believed():
    assert address_of("127.0.0.1", "203.0.113.9, 198.51.100.7") == "198.51.100.7"
    assert address_of("203.0.113.9", "198.51.100.7") == "203.0.113.9"
    assert address_of("127.0.0.1", "nonsense") == "127.0.0.1"
    assert address_of("2001:db8::1", "") == address_of("2001:db8::2", "")


def test_devices_have_names_people_know():
    agent = "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile Safari/537"
    assert device_of(agent) == "Chrome, Android"
    assert device_of("curl/8") == ""
