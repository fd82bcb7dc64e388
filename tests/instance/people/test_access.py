"""Forms from elsewhere are refused; devices and programs are let in and thrown out one by one."""

from __future__ import annotations

import pytest

from instance.people import rights, sessions
from instance.people import service as people
from instance.people.models import Role
from tests.instance.people.conftest import PASSWORD

FACTS = {"name": "Ana", "language": "en"}


async def name_of(coop, person):
    async with coop.database.reading() as tx:
        return (await people.require_person(tx, person)).name


async def api(coop, method, path, token, body=None):
    headers = {"Authorization": f"Bearer {token}"}
    async with coop.client.request(
        method, f"{coop.origin}{path}.json", json=body, headers=headers
    ) as answer:
        return answer.status, await answer.json(content_type=None)


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "0" * 32}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec_Fetch_Site": "cross-site"}),
        ({"csrf": ""}, {"Authorization": "Basic YTpi"}),
        ({"csrf": ""}, {"Authorization": "Bearer nonsense"}),
    ],
)
async def test_a_form_that_is_not_ours_changes_nothing(coop, fields, headers):
    browser = await coop.browser(coop.ana)
    answer = await browser.post("/me", FACTS | fields, **headers)
    assert answer.status in {401, 403}
    assert await name_of(coop, coop.ana) == "Ana Pérez"


async def test_the_csrf_token_of_another_session_is_not_taken(coop):
    ana, mei = await coop.browser(coop.ana), await coop.browser(coop.mei)
    page = await mei.get("/me")
    foreign = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    assert (await ana.post("/me", FACTS | {"csrf": foreign})).status == 403
    assert (await mei.post("/me", FACTS | {"csrf": foreign})).status == 303


async def test_signing_in_cannot_be_forced_by_another_site(with_passwords):
    browser = await with_passwords.browser()
    fields = {"username": "ana", "password": PASSWORD}
    answer = await browser.post("/sign-in/password", fields, Origin="https://evil.example")
    assert (answer.status, browser.cookie) == (403, "")


async def test_a_foreign_page_cannot_turn_the_language_of_an_account(coop):
    browser = await coop.browser(coop.ana)
    await browser.get("/language?to=zh-Hant&next=/me", Sec_Fetch_Site="cross-site")
    async with coop.database.reading() as tx:
        assert (await people.require_person(tx, coop.ana)).language == "en"


async def test_the_language_is_kept_for_the_account_and_for_the_browser(coop):
    browser = await coop.browser(coop.ana)
    answer = await browser.get("/language?to=zh-Hant&next=/me")
    assert (answer.status, answer.to) == (303, "/me")
    assert 'lang="zh-Hant-HK"' in (await browser.get("/me")).text
    stranger = await coop.browser()
    await stranger.get("/language?to=zh-Hant&next=//evil.example")
    assert 'lang="zh-Hant-HK"' in (await stranger.get("/about")).text


async def test_arabic_pages_are_laid_out_from_the_right_and_the_person_keeps_her_language(coop):
    browser = await coop.browser(coop.ana)
    await browser.get("/language?to=ar&next=/me")
    page = (await browser.get("/week")).text
    assert '<html lang="ar" dir="rtl">' in page
    assert "أسبوعي" in page
    async with coop.database.reading() as tx:
        assert (await people.require_person(tx, coop.ana)).language == "ar"


async def test_a_page_without_all_its_words_is_in_english_and_says_so_in_the_readers_language(coop):
    browser = await coop.browser(coop.ana)
    await browser.get("/language?to=ar&next=/me")
    page = (await browser.get("/about")).text
    assert '<html lang="en" dir="ltr">' in page
    assert '<p class="hint" lang="ar" dir="rtl">' in page
    assert "My week" in page, "the frame is in the language of the page"


async def test_one_device_is_signed_out_and_the_others_stay(coop):
    here, there, third = [await coop.browser(coop.ana) for _ in range(3)]
    async with coop.database.reading() as tx:
        gone = await sessions.session(tx, there.cookie)
    assert (await here.post("/me/sessions/end", {"id": gone.id})).status == 303
    assert [(await one.get("/me")).status for one in (here, there, third)] == [200, 303, 200]


async def test_signing_out_everywhere_else_leaves_this_device(coop):
    here, there, third = [await coop.browser(coop.ana) for _ in range(3)]
    mei = await coop.browser(coop.mei)
    await here.post("/me/sessions/end")
    statuses = [(await one.get("/me")).status for one in (here, there, third, mei)]
    assert statuses == [200, 303, 303, 200]


async def test_nobody_signs_out_somebody_elses_device(coop):
    ana, mei = await coop.browser(coop.ana), await coop.browser(coop.mei)
    async with coop.database.reading() as tx:
        hers = await sessions.session(tx, mei.cookie)
    assert (await ana.post("/me/sessions/end", {"id": hers.id})).status == 404
    assert (await mei.get("/me")).status == 200


async def test_a_new_password_signs_out_every_other_device(with_passwords):
    here, there = [await with_passwords.browser(with_passwords.ana) for _ in range(2)]
    new = {"password": "ferry market bamboo", "current": PASSWORD}
    assert (await here.post("/me/password", new)).status == 303
    assert [(await one.get("/me")).status for one in (here, there)] == [200, 303]
    fields = {"username": "ana", "password": "ferry market bamboo"}
    browser = await with_passwords.browser()
    assert (await browser.post("/sign-in/password", fields)).status == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "ferry market bamboo"}, "not your current password"),
        ({"password": "ferry market bamboo", "current": "x"}, "not your current password"),
        ({"password": "short", "current": PASSWORD}, "at least 10"),
        ({"password": "aaaaaaaaaaaaaaa", "current": PASSWORD}, "guessed too easily"),
        ({"password": "ana ana ana ana", "current": PASSWORD}, "guessed too easily"),
    ],
)
async def test_a_weak_password_or_a_stolen_moment_is_refused(with_passwords, fields, said):
    browser = await with_passwords.browser(with_passwords.ana)
    answer = await browser.post("/me/password", fields)
    assert answer.status == 422
    assert said in answer.text


async def test_who_comes_by_a_link_needs_no_old_password_and_by_a_code_does(with_passwords, clock):
    coop = with_passwords
    for way, minutes, status in (("link", 0, 303), ("link", 16, 422), ("code", 0, 422)):
        browser = await coop.browser()
        browser.cookies["ayni_session"] = await coop.cookie(coop.mei, way)
        clock.advance(minutes=minutes)
        answer = await browser.post("/me/password", {"password": "ferry market bamboo"})
        assert answer.status == status, way


async def test_a_token_is_shown_once_and_works_until_it_is_taken_back(coop):
    browser = await coop.browser(coop.ana)
    page = await browser.post("/me/tokens", {"label": "payroll", "scopes[]": "self"})
    token = page.text.partition("<code>")[2].partition("</code>")[0]
    assert page.headers["Cache-Control"] == "no-store"
    assert token not in (await browser.get("/me/tokens")).text
    assert (await api(coop, "GET", "/me", token))[0] == 200

    _, listed = await api(coop, "GET", "/me/tokens", token)
    await browser.post("/me/tokens/revoke", {"id": listed["tokens"][0]["id"]})
    assert (await api(coop, "GET", "/me", token))[0] == 401


async def test_a_token_ends_with_its_time(coop, clock):
    browser = await coop.browser(coop.ana)
    page = await browser.post("/me/tokens", {"label": "x", "scopes[]": "self", "days": "7"})
    token = page.text.partition("<code>")[2].partition("</code>")[0]
    clock.advance(days=6)
    assert (await api(coop, "GET", "/me", token))[0] == 200
    clock.advance(days=2)
    assert (await api(coop, "GET", "/me", token))[0] == 401


async def test_a_token_does_only_what_its_scopes_say(coop):
    led = coop.group.rpartition("/")[2]
    lead, admin = (
        await coop.token(coop.mei, f"group:{led}:lead"),
        await coop.token(coop.mei, "admin"),
    )
    other = await coop.token(coop.mei, "group:another:lead")
    mine = await coop.token(coop.mei, "self")
    path = f"{coop.ana.removeprefix(coop.origin)}/code"
    assert (await api(coop, "GET", "/me", lead))[0] == 403
    assert [(await api(coop, "POST", path, one))[0] for one in (other, mine)] == [403, 403]
    assert [(await api(coop, "POST", path, one))[0] for one in (lead, admin)] == [200, 200]


async def test_a_token_makes_no_tokens_and_sets_no_password(coop):
    token = await coop.token(coop.ana, "self", "admin")
    body = {"label": "more", "scopes": ["admin"]}
    assert (await api(coop, "POST", "/me/tokens", token, body))[0] == 403
    body = {"password": "ferry market bamboo"}
    assert (await api(coop, "POST", "/me/password", token, body))[0] == 403
    assert (await api(coop, "POST", "/me/sessions/end", token, {}))[0] == 403


@pytest.mark.parametrize("scope", ["root", "group::lead", "group:x:admin", ""])
async def test_scopes_nobody_knows_are_refused(coop, scope):
    browser = await coop.browser(coop.ana)
    answer = await browser.post("/me/tokens", {"label": "x", "scopes[]": scope or " "})
    assert answer.status == 422


async def test_everything_on_ones_page_is_done_by_program_too(coop):
    token = await coop.token(coop.ana, "self")
    facts = {"name": "Ana P.", "language": "zh-Hant", "weekly_hours": 12.5, "district": "tai-po"}
    assert (await api(coop, "POST", "/me", token, facts))[0] == 200
    await api(coop, "POST", "/me/skills", token, {"skill": "抹窗", "level": 3})
    await api(coop, "POST", "/me/skills", token, {"skill": "irioning"})
    await api(coop, "POST", "/me/skills/remove", token, {"key": "ironing"})
    first_aid = {"certificate": "first aider", "expires": "2027-08-21"}
    await api(coop, "POST", "/me/certificates", token, first_aid)
    _, ana = await api(coop, "POST", "/me/languages", token, {"languages": ["language-yue"]})
    assert (ana["name"], ana["weekly_minutes"], ana["district"]) == ("Ana P.", 750, "tai-po")
    assert ana["skills"] == [["window-cleaning", 3]]
    assert ana["certificates"][0][1] == "2027-08-21"
    assert ana["languages"] == ["language-yue"]
    _, ana = await api(
        coop, "POST", "/me/certificates/remove", token, {"key": ana["certificates"][0][0]}
    )
    assert ana["certificates"] == []


async def test_a_refused_form_comes_back_with_what_was_entered(coop):
    browser = await coop.browser(coop.ana)
    answer = await browser.post("/me/skills", {"skill": "telepathy <b>", "level": "3"})
    assert answer.status == 422
    assert 'value="telepathy &lt;b&gt;"' in answer.text
    assert "Nobody knows the word telepathy &lt;b&gt;" in answer.text


async def test_the_page_of_a_person_is_for_herself_and_her_leaders(coop):
    path = coop.ana.removeprefix(coop.origin)
    missing = (await (await coop.browser()).get("/people/missing")).text
    stranger = await (await coop.browser()).get(path)
    assert (stranger.status, stranger.text) == (404, missing.replace("/people/missing", path))
    assert (await (await coop.browser(coop.ana)).get(path)).status == 200
    assert "Show a code" in (await (await coop.browser(coop.mei)).get(path)).text
    async with coop.database.transaction() as tx:
        eve = await people.add_person(tx, people.NewPerson("eve", "Eve"))
        await rights.grant(tx, eve, "http://care.test/groups/other", Role.LEADER, "init")
    assert (await (await coop.browser(eve)).get(path)).status == 404
    mei = coop.mei.removeprefix(coop.origin)
    assert (await (await coop.browser(coop.ana)).get(mei)).status == 404


async def test_servers_get_the_actor_and_no_name_unless_it_is_public(coop):
    headers = {"Accept": "application/activity+json"}
    async with coop.client.get(coop.ana, headers=headers) as answer:
        text = await answer.text()
        document = await answer.json(content_type=None)
    assert (answer.status, document["id"], document["type"]) == (200, coop.ana, "Person")
    assert (document["preferredUsername"], document["name"]) == ("ana", "ana")
    assert "Pérez" not in text
    assert "\\u00e9rez" not in text
    async with coop.database.transaction() as tx:
        await people.change_person(tx, coop.ana, name_public=True)
    async with coop.client.get(coop.ana, headers=headers) as answer:
        assert (await answer.json(content_type=None))["name"] == "Ana Pérez"
