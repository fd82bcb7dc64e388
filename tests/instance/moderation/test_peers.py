"""The page of other co-ops: what waits for whom, since when and why, and what can be done."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from federation import answers
from instance.db import FEDERATION_TABLES
from instance.moderation.words import _REASONS, said
from instance.people import service as people

MANY = 10_000


@pytest.fixture
def world(any_world):
    """Every page of peers is made from the same queries on both databases."""
    return any_world


async def on_page(shown, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return await shown(f"/peers.json?{asked}")


async def test_what_waits_is_shown_with_its_age_and_the_reason(
    care, remote, ana, shown, say, world
):
    remote.answers["/users/ana/inbox"] = 503
    await say(ana)
    world.clock.advance(minutes=42)
    await say(ana)

    [peer] = (await on_page(shown, state="unreachable"))["peers"]

    assert (peer["waiting"], peer["lag"], peer["why"]) == (2, 42, "They ask us to wait.")
    assert peer["failing_since"]


async def test_a_peer_is_tried_at_once_when_an_administrator_says_so(
    care, remote, ana, mei, shown, say, world
):
    remote.answers["/users/ana/inbox"] = 503
    await say(ana)
    world.clock.advance(days=1)
    await world.settle()
    remote.answers.clear()
    await world.settle()
    assert remote.received == []

    status, _, _ = await mei.ask("/peers/retry", {"origin": remote.origin})
    await world.settle()

    assert status == 303
    assert len(remote.received) == 1
    [peer] = (await on_page(shown))["peers"]
    assert (peer["waiting"], peer["failing_since"], peer["why"]) == (0, None, "")
    _, _, log = await mei.ask("/transparency")
    assert "What waits for remote.test is tried at once: 1 messages." in log


async def test_what_waits_for_a_peer_that_never_comes_back_is_dropped_and_the_log_says_so(
    care, remote, ana, mei, shown, say, world
):
    remote.answers["/users/ana/inbox"] = 503
    await say(ana)
    await say(ana)

    status, _, _ = await mei.ask("/peers/forget", {"origin": remote.origin})
    remote.answers.clear()
    world.clock.advance(days=2)
    await world.settle()

    assert status == 303
    assert remote.received == []
    assert (await on_page(shown))["peers"][0]["waiting"] == 0
    _, _, log = await mei.ask("/transparency")
    assert "What waited for remote.test was dropped: 2 messages." in log


async def test_one_peer_shows_what_was_given_up_in_plain_words_in_both_languages(
    care, remote, ana, mei, say
):
    remote.answers["/users/ana/inbox"] = 403
    await say(ana)

    _, _, page = await mei.ask(f"/peers/one?origin={remote.origin}")
    assert "They refuse what comes from us." in page

    stranger = await care.browser()
    assert (await stranger.ask(f"/peers/one?origin={remote.origin}"))[0] == 303
    async with care.database.transaction() as tx:
        await people.change_person(tx, care.leader, language="zh-Hant")
    _, _, page = await mei.ask(f"/peers/one?origin={remote.origin}")
    assert "他們拒收我們的訊息。" in page


async def test_only_administrators_touch_peers(care, remote, ana, say):
    await say(ana)
    async with care.database.transaction() as tx:
        zoe = await people.add_person(tx, people.NewPerson("zoe", "Zoe"))
        await people.grant(tx, zoe, care.group, people.Role.LEADER, "init")
    leader, member = await care.browser(zoe), await care.browser(care.member)

    assert (await leader.ask("/peers"))[0] == 200
    assert (await member.ask("/peers"))[0] == 404
    for browser in (leader, member):
        assert (await browser.ask(f"/peers/one?origin={remote.origin}"))[0] == 404
        assert (await browser.ask("/moderation"))[0] == 404
        for path in ("/peers/retry", "/peers/forget"):
            assert (await browser.ask(path, {"origin": remote.origin}))[0] == 404
        decision = {"subject": "remote.test", "standing": "blocked", "reason": "spam"}
        assert (await browser.ask("/moderation", decision))[0] == 404


async def test_a_peer_that_nobody_knows_is_not_there(mei, care):
    for origin in ("https://nobody.example", care.origin, "", "x' or 1=1"):
        assert (await mei.ask(f"/peers/one?origin={origin}"))[0] == 404
        assert (await mei.ask("/peers/retry", {"origin": origin or "x"}))[0] == 404


@pytest.fixture
async def many(care):
    """Ten thousand peers; every tenth fails, and two messages wait for every hundredth."""
    peers, outbox, deliveries = (
        FEDERATION_TABLES.peers,
        FEDERATION_TABLES.outbox,
        FEDERATION_TABLES.deliveries,
    )
    async with care.database.transaction() as tx:
        now, seq = tx.now, 900_000
        await tx.session.execute(
            outbox.insert().values(
                seq=seq,
                id=f"{care.origin}/activities/old",
                sender=care.group,
                public=False,
                body=b"{}",
                published=now - timedelta(hours=3),
            )
        )
        calm = {"in_until": now, "out_until": now, "next_try": now + timedelta(days=1)}
        await tx.session.execute(
            peers.insert(),
            [
                {
                    "origin": f"https://coop{number:05}.example",
                    "failing_since": None if number % 10 else now - timedelta(days=1),
                    **calm,
                }
                for number in range(MANY)
            ],
        )
        await tx.session.execute(
            deliveries.insert(),
            [
                {
                    "seq": seq,
                    "peer": f"https://coop{number:05}.example",
                    "recipient": f"https://coop{number:05}.example/users/{one}",
                    "conversation": "talk",
                    "state": ("ready", "parked")[one],
                    "next_try": now + timedelta(days=1),
                }
                for number in range(0, MANY, 100)
                for one in (0, 1)
            ],
        )


async def test_ten_thousand_peers_are_turned_over_page_by_page(many, shown):
    first = await on_page(shown)
    last = await on_page(shown, page=10_000)

    assert (first["total"], first["pages"], len(first["peers"])) == (MANY, 200, 50)
    assert first["peers"][0]["origin"] == "https://coop00000.example"
    assert (first["peers"][0]["waiting"], first["peers"][0]["lag"]) == (2, 180)
    assert all(one["failing_since"] for one in first["peers"])
    assert (last["page"], last["peers"][-1]["origin"]) == (200, "https://coop09999.example")


async def test_peers_are_found_by_part_of_their_address_and_by_their_state(many, shown):
    assert (await on_page(shown, find="COOP0123"))["total"] == 10
    assert (await on_page(shown, find="%25"))["total"] == 0
    assert (await on_page(shown, state="unreachable"))["total"] == 1_000
    assert (await on_page(shown, state="waiting"))["total"] == 100
    assert (await on_page(shown, state="failed"))["total"] == 0
    assert (await on_page(shown, state="silent", find="coop0000"))["total"] == 10
    assert (await on_page(shown, state="nonsense"))["total"] == MANY


async def test_the_whole_list_is_a_file(many, mei):
    status, headers, text = await mei.ask("/peers/peers.csv?state=waiting")

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert status == 200
    assert len(rows) == 100
    assert {row["waiting"] for row in rows} == {"2"}
    assert "text/csv" in headers["Content-Type"]
    _, _, text = await mei.ask("/peers/peers.csv")
    assert len({row["origin"] for row in csv.DictReader(io.StringIO(text))}) == MANY


def test_every_reason_that_the_courier_gives_has_plain_words():
    given = set(answers._FINAL.values()) | {
        answers.outcome_of(status, {}, attempts=attempts, failures=failures, now=None).reason
        for status in (0, 401, 408, 410, 425, 429, 500, 502, 503, 504)
        for attempts in (0, 3, 20)
        for failures in (0, 3)
    }
    odd = {one for one in given if one not in _REASONS}
    assert odd == {f"the peer answered {status}" for status in (408, 425, 502, 504)}


def test_other_answers_and_unknown_reasons_are_said_too():
    assert said("the peer answered 418") == (
        "They answered with the code %(code)s.",
        {"code": "418"},
    )
    assert said("Only port 443 is fetched.")[1] == {"reason": "Only port 443 is fetched."}
    assert said(None) == ("", {})


@pytest.mark.parametrize(
    ("language", "badge", "last"),
    [
        ("en", "Balances differ", "Both sides last agreed on Mon, 4 January"),
        ("zh-Hant", "結餘不一致", "雙方上次一致"),
    ],
)
async def test_balances_that_differ_stand_out_and_lead_to_ours(
    care, remote, ana, mei, say, language, badge, last
):
    await say(ana)
    _, _, before = await mei.ask(f"/peers/one?origin={remote.origin}")
    now, table = care.now, FEDERATION_TABLES.comparisons
    compared = {"peer": remote.origin, "next_try": now, "agreed": now, "differs": "balances"}
    async with care.database.transaction() as tx:
        await tx.session.execute(table.insert().values(**compared))
        await people.change_person(tx, care.leader, language=language)

    _, _, every = await mei.ask("/peers")
    _, _, one = await mei.ask(f"/peers/one?origin={remote.origin}")

    assert "Not compared yet" in before
    assert badge in every
    assert badge in one
    assert last in one
    assert '<a href="/balances">' in one.partition("<main")[2]
