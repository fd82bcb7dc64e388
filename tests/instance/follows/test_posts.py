"""What followed groups write is read by whoever follows them, and by nobody else."""

from __future__ import annotations

import pytest

from federation import PUBLIC
from instance.follows import posts, service
from instance.network import service as network
from tests.instance.follows.test_following import follow, titles
from tests.instance.follows.test_following import seen as seen_jobs
from tests.instance.jobs.test_wire import a_job


@pytest.fixture
async def green(care, remote):
    group = remote.actor("green", kind="Group")
    await follow(care, group)
    return group


def a_note(remote, author, name="1", **more):
    content = f"<p>Assembly <b>on</b> Saturday, {name}<script>alert(1)</script></p>"
    return {
        "id": f"{remote.origin}/notes/{name}",
        "type": "Note",
        "attributedTo": author,
        "to": [PUBLIC],
        "cc": [f"{author}/followers"],
        "content": content,
        "contentMap": {"en": content},
        "published": "2027-01-04T07:00:00Z",
        **more,
    }


async def send(care, remote, kind, author, document, **more):
    signer = more.pop("signer", author)
    said = remote.activity(kind, author, document, to=[PUBLIC], **more)
    status = await remote.post(f"{care.origin}/inbox", said, signer=signer)
    await care.world.settle()
    return status, said


async def read(care, person=None, page=1, size=30):
    async with care.database.reading() as tx:
        return await service.posts_page(tx, care.viewer(person or care.member), page, size)


async def texts(care, person=None):
    return [one.text for one in (await read(care, person)).posts]


@pytest.mark.parametrize("kind", ["Note", "Page", "Article"])
async def test_a_followed_groups_post_is_read_by_who_follows_once(care, remote, green, kind):
    note = a_note(remote, green, type=kind)
    status, said = await send(care, remote, "Create", green, note)
    assert await remote.post(f"{care.origin}/inbox", said, signer=green) == 202
    await care.world.settle()

    [post] = (await read(care)).posts
    assert (status, post.text, post.language) == (202, "Assembly on Saturday, 1", "en")
    assert (post.author_name, post.page, post.changed) == ("Green", note["id"], False)
    nobody = await read(care, care.leader)
    assert (nobody.posts, nobody.follows_any) == ((), False)


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
async def test_what_its_author_did_not_sign_is_refused(care, remote, green, kind):
    await send(care, remote, "Create", green, a_note(remote, green))
    eve = remote.actor("eve", kind="Group")
    changed = a_note(remote, green, content="<p>Cancelled</p>", updated="2027-01-04T07:30:00Z")
    for signer in (None, eve):
        assert (await send(care, remote, kind, green, changed, signer=signer))[0] == 401
    await send(care, remote, kind, eve, changed)
    assert await texts(care) == ["Assembly on Saturday, 1"]


async def test_a_newer_version_takes_the_place_of_the_older_one(care, remote, green):
    await send(care, remote, "Create", green, a_note(remote, green))
    newer = a_note(remote, green, updated="2027-01-04T07:30:00Z", content="<p>On Sunday</p>")
    _, said = await send(care, remote, "Update", green, newer)
    await remote.post(f"{care.origin}/inbox", said, signer=green)
    older = a_note(remote, green, updated="2027-01-04T07:10:00Z", content="<p>On Friday</p>")
    await send(care, remote, "Update", green, older)
    [post] = (await read(care)).posts
    assert (post.text, post.changed) == ("On Sunday", True)


@pytest.mark.parametrize("by_id", [True, False])
async def test_a_deleted_post_is_gone_and_does_not_come_back(care, remote, green, by_id):
    note = a_note(remote, green)
    await send(care, remote, "Create", green, note)
    gone = note["id"] if by_id else {"id": note["id"], "type": "Tombstone"}
    _, said = await send(care, remote, "Delete", green, gone)
    await remote.post(f"{care.origin}/inbox", said, signer=green)
    assert await texts(care) == []
    if not by_id:
        await send(care, remote, "Update", green, {**note, "updated": "2027-01-05T07:00:00Z"})
        assert await texts(care) == []


async def test_only_what_is_for_all_followers_and_begins_something_is_kept(care, remote, green):
    others = f"{remote.origin}/notes/of-somebody"
    for number, odd in enumerate(
        (
            {"to": [care.member], "cc": []},
            {"inReplyTo": others},
            {"type": "ChatMessage"},
            {"to": [], "cc": []},
        )
    ):
        await send(care, remote, "Create", green, a_note(remote, green, str(number), **odd))
    assert await texts(care) == []
    stranger = remote.actor("stranger", kind="Group")
    await send(care, remote, "Create", stranger, a_note(remote, stranger, "of a stranger"))
    assert await texts(care) == []

    await send(care, remote, "Create", green, a_note(remote, green, "begun"))
    goes_on = {"inReplyTo": f"{remote.origin}/notes/begun", "published": "2027-01-04T07:05:00Z"}
    await send(care, remote, "Create", green, a_note(remote, green, "more", **goes_on))
    assert await texts(care) == ["Assembly on Saturday, more", "Assembly on Saturday, begun"]


async def test_a_job_stands_with_the_jobs_and_not_with_the_posts(care, remote, green):
    await send(care, remote, "Create", green, a_job(remote, green))
    assert (titles(await seen_jobs(care)), await texts(care)) == (["Beach clean-up"], [])


async def test_a_post_that_asks_one_of_our_groups_something_is_both(care, remote, green):
    mention = {"type": "Mention", "href": care.group}
    note = a_note(remote, green, cc=[care.group], tag=[mention])
    await send(care, remote, "Create", green, note)
    assert await texts(care) == ["Assembly on Saturday, 1"]
    leader = await care.browser(care.leader)
    assert "Assembly on Saturday, 1" in (await leader.ask("/enquiries"))[2]


@pytest.mark.parametrize("as_a_forum", [True, False])
async def test_what_a_group_passes_on_of_others_is_read_until_taken_back(
    care, remote, green, as_a_forum
):
    other = await care.world.remote("other")
    ana = other.actor("ana")
    note = a_note(other, ana)
    other.documents["/notes/1"] = note
    passed_on = {"id": f"{ana}/c/1", "type": "Create", "actor": ana, "object": note}
    said = passed_on if as_a_forum else note["id"]
    _, announce = await send(care, remote, "Announce", green, said)
    await remote.post(f"{care.origin}/inbox", announce, signer=green)
    await care.world.settle()

    [post] = (await read(care)).posts
    assert (post.text, post.shared_by) == ("Assembly on Saturday, 1", "Green")
    assert post.author_name == "ana@other.test"
    await send(care, remote, "Undo", green, announce["id"])
    assert await texts(care) == []


async def test_what_is_passed_on_is_believed_as_its_own_host_serves_it(care, remote, green):
    other = await care.world.remote("other")
    ana = other.actor("ana")
    other.documents["/notes/1"] = a_note(other, ana, content="<p>As I wrote it</p>")
    bent = {"id": f"{ana}/c/1", "type": "Create", "actor": ana, "object": a_note(other, ana)}
    await send(care, remote, "Announce", green, bent)
    assert await texts(care) == ["As I wrote it"]
    stranger = remote.actor("stranger", kind="Group")
    other.documents["/notes/2"] = a_note(other, ana, "2")
    await send(care, remote, "Announce", stranger, f"{other.origin}/notes/2")
    assert await texts(care) == ["As I wrote it"]


async def test_of_each_author_the_newest_are_kept_for_thirty_days(care, remote, green, monkeypatch):
    monkeypatch.setattr(posts, "MOST_OF_AN_AUTHOR", 2)
    for number in (1, 2, 3):
        moment = {"published": f"2027-01-04T07:0{number}:00Z"}
        await send(care, remote, "Create", green, a_note(remote, green, str(number), **moment))
    assert await texts(care) == ["Assembly on Saturday, 3", "Assembly on Saturday, 2"]
    care.world.clock.advance(days=31)
    await care.world.settle()
    assert await texts(care) == []


async def test_no_post_stays_on_top_by_saying_that_it_is_of_tomorrow(care, remote, green):
    later = {"published": "2099-01-01T00:00:00Z"}
    await send(care, remote, "Create", green, a_note(remote, green, **later))
    [post] = (await read(care)).posts
    assert post.said <= care.world.clock()


async def test_they_are_read_page_by_page(care, remote, green):
    for number in range(3):
        moment = {"published": f"2027-01-04T07:0{number}:00Z"}
        await send(care, remote, "Create", green, a_note(remote, green, str(number), **moment))
    first, last = await read(care, size=2), await read(care, page=9, size=2)
    assert [one.text[-1] for one in (*first.posts, *last.posts)] == ["2", "1", "0"]
    assert (first.pages, last.page, last.total) == (2, 2, 3)


async def test_nothing_is_left_when_nobody_follows_or_its_server_is_blocked(care, remote, green):
    other = await care.world.remote("other")
    club, ana = other.actor("club", kind="Group"), remote.actor("ana")
    await follow(care, club, name="Club")
    await send(care, remote, "Create", green, a_note(remote, green))
    remote.documents["/notes/2"] = a_note(remote, ana, "2")
    await send(care, other, "Announce", club, f"{remote.origin}/notes/2")
    assert len(await texts(care)) == 2
    await care.act(service.unfollow, green, viewer=care.viewer(care.member))
    assert await texts(care) == ["Assembly on Saturday, 2"]

    async with care.database.transaction() as tx:
        await network.decide(tx, "remote.test", network.Standing.BLOCKED, "Spam.")
    assert await texts(care) == []
    async with care.database.reading() as tx:
        left = await (await tx.session.connection()).exec_driver_sql("SELECT * FROM followed_posts")
    assert left.all() == []


async def test_the_page_shows_words_and_never_what_they_would_do(care, remote, green):
    note = a_note(remote, green, url="javascript:alert(1)", content="<p>1 &lt; 2</p><img src=x>")
    await send(care, remote, "Create", green, note)
    browser = await care.browser(care.member)
    text = (await browser.ask("/jobs/followed/posts"))[2]
    assert "1 &lt; 2" in text
    assert f'href="{note["id"]}"' in text
    assert "javascript:" not in text
    assert "<img" not in text.partition("<main")[2]
    assert "/jobs/followed/posts" in (await browser.ask("/jobs/followed"))[2]
    assert "1 < 2" in (await browser.ask("/jobs/followed/posts/posts.csv"))[2]
    other = await care.browser(care.leader)
    assert "You follow no group yet" in (await other.ask("/jobs/followed/posts"))[2]
