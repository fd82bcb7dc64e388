"""Lists by page: choose, look, mend, confirm; and taken out again, safe to open."""

import re

import aiohttp
import pytest

from federation.fetch import GuardedResolver
from instance.people import service as people
from instance.people import sessions
from tests.instance.spreadsheets.coops import HEAD, JOBS, MEI

PAGE = {"Accept": "text/html"}


@pytest.fixture
async def browser(world, coop):
    """A browser in which the group's leader is signed in."""
    async with coop.database.transaction() as tx:
        cookie = await sessions.start(tx, coop.viewer.person, "link")
    connector = aiohttp.TCPConnector(resolver=GuardedResolver(world.network.reach))
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(coop.origin, connector=connector, cookie_jar=jar) as client:
        client.cookie_jar.update_cookies({"ayni_session": cookie})
        yield client


async def post(browser, coop, **fields):
    async with browser.get("/import", headers=PAGE) as answer:
        page = await answer.text()
        assert answer.status == 200, page
    form = aiohttp.FormData()
    form.add_field("csrf", re.search(r'name="csrf" value="([^"]+)"', page)[1])
    form.add_field("group", coop.group)
    form.add_field("sheet", fields.pop("sheet", "people"))
    for name, value in fields.items():
        if isinstance(value, bytes):
            form.add_field(name, value, filename="list.csv", content_type="text/csv")
        else:
            form.add_field(name, value)
    async with browser.post("/import", data=form, headers=PAGE, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def test_a_file_is_looked_at_first_and_kept_when_that_is_confirmed(browser, coop):
    status, page = await post(browser, coop, file=(HEAD + MEI).encode("big5"))
    assert status == 200
    assert "陳美玲 (mei)" in page
    assert await coop.person("mei") is None
    status, _ = await post(browser, coop, text=HEAD + MEI, confirm="1")
    assert status == 303
    assert (await coop.person("mei")).name == "陳美玲"


async def test_a_bad_row_is_shown_with_its_remedy_and_nothing_typed_is_lost(browser, coop):
    text = HEAD + MEI.replace("Pruning", "Prunnning").replace("陳美玲", "=陳")
    status, page = await post(browser, coop, file=text.encode(), confirm="1")
    assert status == 422
    assert "did you mean &#39;prunning&#39;?" in page
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1]
    assert "=陳,mei,0103 0001,Home care; Prunnning" in area
    assert await coop.person("mei") is None


async def test_without_a_file_the_form_is_shown_again(browser, coop):
    status, page = await post(browser, coop)
    assert status == 422
    assert "Choose a file, or paste its rows." in page


async def test_a_group_that_one_does_not_lead_cannot_be_chosen(browser, coop):
    coop.group = f"{coop.origin}/groups/another"
    status, page = await post(browser, coop, text=HEAD + MEI)
    assert status == 422
    assert "Choose a group that you lead." in page


async def test_programs_do_the_same_by_json(browser, coop):
    token = {"Authorization": f"Bearer {await make_token(coop)}"}
    asked = {"group": coop.group, "sheet": "jobs", "confirm": True}
    text = f"{JOBS}Round,2027-01-04,08:00,10:00,2x home care [First aid],Flat 8,72\n"
    async with browser.post("/import.json", json={**asked, "text": text}, headers=token) as answer:
        report = await answer.json()
    assert (answer.status, report["done"]) == (200, True)
    bad = text.replace("home care", "hoame care")
    async with browser.post("/import.json", json={**asked, "text": bad}, headers=token) as answer:
        report = await answer.json()
    assert (answer.status, report["done"]) == (422, False)
    assert report["faults"][0]["line"] == 2


async def test_lists_are_downloaded_as_csv_by_leaders_only(browser, coop):
    await post(browser, coop, text=HEAD + MEI, confirm="1")
    for what in ("people", "jobs", "hours"):
        async with browser.get(f"/export/{what}.csv", params={"group": coop.group}) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/csv"
            assert await answer.text()
    async with browser.get("/import/people-example.csv") as answer:
        assert "mei_ling" in await answer.text()
    mei = await coop.person("mei")
    token = {"Authorization": f"Bearer {await make_token(coop, mei.iri)}"}
    browser.cookie_jar.clear()
    asked = {"group": coop.group}
    async with browser.get("/export/people.csv", params=asked, headers=token) as answer:
        assert answer.status == 404
    async with browser.get("/export/people.csv", params=asked) as answer:
        assert answer.status == 401


async def make_token(coop, person=None):
    async with coop.database.transaction() as tx:
        scopes = {"self", "admin", f"group:{coop.group.rpartition('/')[2]}:lead"}
        assert await people.is_leader(tx, coop.viewer.person, coop.group)
        return await sessions.make_token(tx, person or coop.viewer.person, scopes, "test")
