"""The demonstration, started as a newcomer or a program starts it."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import aiohttp
import pytest

from instance.demo import coops, guide
from instance.settings import Settings
from instance.welcome import rendered, welcome
from tests.instance.demo.seven_steps import PATIENCE, Story, until

ROOT = Path(__file__).parents[3]


def free_ports(count):
    """Find ports in a row that nobody uses."""
    for first in random.sample(range(21_000, 32_000), 200):
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise AssertionError("no ports are free")


@pytest.fixture
async def started():
    """Every demonstration that a test starts: none outlives it, whatever happens."""
    every = []
    yield every
    for one in every:
        if one.returncode is None:
            one.kill()
            await one.wait()


async def start(started, folder, port, *more):
    environ = {**os.environ, "AYNI_DEMO_DATA": str(folder)}
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "instance", "demo", "--port", str(port), *more),
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        limit=1_000_000,
    )
    started.append(demo)
    return demo


async def ready(demo):
    """Return what it prints when it is ready; keep reading what it logs meanwhile."""
    demo.log = asyncio.create_task(demo.stderr.read())
    line = await asyncio.wait_for(demo.stdout.readline(), PATIENCE)
    assert line, (await demo.log).decode()
    return json.loads(line)["instances"]


async def stop(demo, how=signal.SIGINT):
    with contextlib.suppress(ProcessLookupError):
        demo.send_signal(how)
    return await asyncio.wait_for(demo.wait(), PATIENCE)


async def get(client, instance, path, **headers):
    host = instance["origin"].partition("://")[2]
    url = f"http://{instance['connect']}{path}"
    async with client.get(url, headers={"Host": host, **headers}, allow_redirects=False) as answer:
        return answer.status, await answer.text()


def is_taken(port):
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


async def nobody_listens(port):
    for _ in range(100):
        if not any(is_taken(one) for one in range(port, port + 4)):
            return True
        await asyncio.sleep(0.1)
    return False


async def test_three_co_ops_start_are_walked_through_and_leave_no_process_behind(tmp_path, started):
    folder, port = tmp_path / "demo", free_ports(4)
    demo = await start(started, folder, port, "--json")
    try:
        said = await asyncio.wait_for(demo.stderr.readline(), PATIENCE)
        assert said.startswith(b"Making three co-ops")
        assert (folder / "making").exists(), "it says so only afterwards"
        instances = await ready(demo)
        assert [one["origin"] for one in instances] == [
            f"http://{key}.localhost:{port + n}" for n, key in enumerate(coops.KEYS)
        ]
        assert [len(one["people"]) for one in instances] == [45, 40, 35]
        async with aiohttp.ClientSession() as client:
            for instance in instances:
                await walk(client, instance)
            await be_somebody(client, port)
            await the_work_that_is_done_is_confirmed(client, instances)
        await Story(instances).tell()
    finally:
        code = await stop(demo)
    assert code == 0, (await demo.log).decode()
    assert await demo.stdout.read() == b""
    lines = (await demo.log).decode().splitlines()
    assert "Shatin Care Commune 沙田照顧公社: 45 people are there." in lines
    assert "Opening the doors …" in lines
    assert await nobody_listens(port)
    await start_again(started, folder, port, instances)


async def walk(client, instance):
    status, text = await get(client, instance, "/actor", Accept="application/activity+json")
    assert (status, json.loads(text)["type"]) == (200, "Application")
    leader = next(one for one in instance["people"] if one["role"] == "leader")
    assert leader.keys() == {"id", "username", "role", "signin", "token"}
    bearer = f"Bearer {leader['token']}"
    status, text = await get(client, instance, "/me.json", Authorization=bearer)
    assert (status, json.loads(text)["person"]["iri"]) == (200, leader["id"])
    status, text = await get(client, instance, "/jobs.json", Authorization=bearer)
    assert status == 200
    path = leader["signin"].removeprefix(instance["origin"])
    assert (await get(client, instance, path))[0] == 200
    status, text = await get(client, instance, "/", Accept="text/html")
    assert status == 200
    assert "What to click first" in text
    assert (await get(client, instance, "/me.json"))[0] == 401


async def the_work_that_is_done_is_confirmed(client, instances):
    """Enter and confirm the hours that wait; both books move alike, and Today tells of the ill."""
    care, _, green = instances
    done = (await ask(client, green, "chrysanthemum", "/record"))["to_enter"][0]
    hours = {"start": done["start_clock"], "end": done["end_clock"], "break_minutes": 15}
    await ask(client, green, "chrysanthemum", f"/record/shifts/{done['promise']}", **hours)

    [whole] = [one["id"] for one in care["groups"] if one["username"] == "care"]
    led = f"?group={whole.rpartition('/')[2]}"  # koel leads more than one

    async def waiting():
        return (await ask(client, care, "koel", "/hours", query=led))["to_confirm"]

    async def books():
        both = ((care, "koel"), (green, "cypress"))
        found = [await ask(client, instance, who, "/balances") for instance, who in both]
        return [{one["unit"]: one["amount"] for one in book["accounts"]} for book in found]

    for one in await until(waiting, lambda found: len(found) == 2):
        await ask(client, care, "koel", f"/hours/{one['id']}/confirm")
    ours, theirs = await until(books, lambda found: found[1].get("minutes") == 450)
    assert ours == {unit: -amount for unit, amount in theirs.items()}
    board = (await ask(client, care, "koel", "/jobs"))["board"]
    first = min(datetime.fromisoformat(one["shift"]["start"]) for one in board)
    day = first.astimezone(coops.ZONE).date()
    today = await ask(client, care, "koel", "/today", query=f"?day={day}")
    assert [one for line in today["open"] for one in line["dropped_out"]]


async def ask(client, instance, username, path, query="", **body):
    who = next(one for one in instance["people"] if one["username"] == username)
    headers = {
        "Host": instance["origin"].partition("://")[2],
        "Authorization": f"Bearer {who['token']}",
    }
    url = f"http://{instance['connect']}{path}.json{query}"
    posted = body or path.endswith("/confirm")
    method = "POST" if posted else "GET"
    json_body = body if posted else None
    async with client.request(method, url, json=json_body, headers=headers) as answer:
        assert answer.status < 300, (path, await answer.text())
        return await answer.json()


async def be_somebody(client, port):
    door = f"http://127.0.0.1:{port + 3}"
    async with client.get(f"{door}/be/care/koel", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"].startswith(f"http://care.localhost:{port}/sign-in/")
    async with client.get(f"{door}/be/care/nobody", allow_redirects=False) as answer:
        assert answer.status == 404
    foreign = {"Host": "evil.example"}
    async with client.get(f"{door}/be/care/koel", headers=foreign) as answer:
        assert answer.status == 403


async def start_again(started, folder, port, before):
    """What was done is kept, links and tokens are fresh, and it dies with a kill -9."""
    refused = await start(started, folder, port + 10, "--json")
    _, said = await asyncio.wait_for(refused.communicate(), PATIENCE)
    assert refused.returncode == 1
    assert f"--port {port + 10} --reset" in " ".join(said.decode().split())
    demo = await start(started, folder, port, "--json")
    try:
        again = await ready(demo)
        assert [one["groups"] for one in again] == [one["groups"] for one in before]
        old, new = before[0]["people"][0], again[0]["people"][0]
        assert old["id"] == new["id"]
        assert old["token"] != new["token"]
        assert old["signin"] != new["signin"]
        taken = await start(started, folder, port, "--json")
        _, said = await asyncio.wait_for(taken.communicate(), PATIENCE)
        assert "In use already" in said.decode()
    finally:
        await stop(demo, signal.SIGKILL)
    assert await nobody_listens(port)


async def test_a_folder_that_holds_something_else_is_never_touched(tmp_path, started):
    (tmp_path / "letters.txt").write_text("mine")
    demo = await start(started, tmp_path, free_ports(4), "--json", "--reset")
    _, said = await asyncio.wait_for(demo.communicate(), PATIENCE)
    assert demo.returncode == 1
    assert b"holds something else" in said
    assert (tmp_path / "letters.txt").read_text() == "mine"


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2026, 11, 23), date(2028, 2, 29)])
def test_the_world_begins_on_the_next_monday(today):
    weeks = coops.weeks_until(today)
    files = {name: coops.sheet("care", name, weeks).decode() for name in ("people", "jobs")}
    first = min(line.split(",")[6] for line in files["jobs"].splitlines()[1:])
    assert 0 < (date.fromisoformat(first) - today).days <= 7
    assert date.fromisoformat(first).weekday() == 0
    agreed = [line.split(",")[-1] for line in files["people"].splitlines()[1:]]
    assert all(date.fromisoformat(one) <= today for one in agreed if one[:1] == "2")


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_the_guide_names_people_who_exist_and_leaves_no_place_unfilled(tmp_path, language):
    three = coops.coops(tmp_path, 8101)
    for coop in three:
        Path(coop.folder).mkdir()
    text = guide.write_guides(three, 8104)[language]
    assert "%" not in text
    handles = {key: {row["handle"] for row in coops.people_of(key)} for key in coops.KEYS}
    named = [part.split(")")[0].split("/") for part in text.split("/be/")[1:]]
    assert len(named) >= 8
    assert all(handle in handles[key] for key, handle in named)
    assert "http://care.localhost:8101/" in rendered(text)
    settings = Settings(
        origin="https://care.test",
        name="Care",
        database="sqlite+aiosqlite://",
        welcome=str(three[0].guide),
    )
    assert welcome(settings, language) == rendered(text)


def test_a_welcome_text_runs_nothing_and_fetches_nothing():
    text = (
        "<script>alert(1)</script>\n\n[a](javascript:x) ![b](https://evil.example/b.png)\n\n## Hi"
    )
    html = rendered(text)
    assert "<script" not in html
    assert "href" not in html
    assert "<img" not in html
    assert "<h2>Hi</h2>" in html
