"""What is served of our actors: documents, collections, activities, well-known addresses."""

import pytest

from federation.actors import CONTEXT
from tests.federation.host import PUBLIC, activity, say

JRD = "application/jrd+json"


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
async def group(here):
    return await here.add("Group", "brick", name="Brick Co-op")


async def ask(small, url, **headers):
    async with small.network.client() as client, client.get(url, headers=headers) as answer:
        kind = answer.headers.get("Content-Type", "")
        body = await answer.json(content_type=None) if "json" in kind else await answer.text()
        return answer.status, body, answer.headers


async def finger(small, here, query):
    return await ask(small, f"{here.origin}/.well-known/webfinger{query}")


# WebFinger --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource",
    [
        "acct:brick@here.test",
        "acct:BRICK@HERE.test",
        "ACCT:brick@here.test",
        "acct:@brick@here.test",
        "acct%3Abrick%40here.test",
        "http://here.test/@brick",
        "HTTP://Here.test:80/@brick",
    ],
)
async def test_an_actor_is_found_by_its_address_however_it_is_written(small, here, group, resource):
    status, found, headers = await finger(small, here, f"?resource={resource}")

    assert (status, headers["Content-Type"]) == (200, JRD)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert found["subject"] == "acct:brick@here.test"
    assert {"rel": "self", "type": "application/activity+json", "href": group} in found["links"]


async def test_an_actor_is_found_by_its_id_and_the_server_by_its_origin(small, here, group):
    _, found, _ = await finger(small, here, f"?resource={group}")
    assert found["links"][0]["href"] == group
    for resource in (here.origin, f"{here.origin}/"):
        _, found, _ = await finger(small, here, f"?resource={resource}")
        assert found["links"][-1]["rel"] == "https://www.w3.org/ns/activitystreams#Service"
        assert found["links"][-1]["href"] == here.instance_actor


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?resource=",
        "?resource=brick",
        "?resource==acct:brick@here.test",
        "?resource=http://a:b@here.test/",
    ],
)
async def test_a_resource_that_is_none_is_400_and_no_jrd(small, here, group, query):
    status, _, headers = await finger(small, here, query)

    assert status == 400
    assert headers["Content-Type"] != JRD
    assert headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "resource",
    [
        "acct:nobody@here.test",
        "acct:brick@elsewhere.test",
        "acct:brick",
        "mailto:brick@here.test",
        "foo://here.test/@brick",
        "http://elsewhere.test/@brick",
        "https://here.test/@brick",
        "http://here.test/people/none",
    ],
)
async def test_nobody_is_404(small, here, group, resource):
    assert (await finger(small, here, f"?resource={resource}"))[0] == 404


async def test_somebody_who_is_gone_is_410(small, here, group):
    here.bury(group)

    status, _, headers = await finger(small, here, "?resource=acct:brick@here.test")

    assert (status, headers["Access-Control-Allow-Origin"]) == (410, "*")


async def test_rels_choose_among_the_links_in_whatever_order(small, here, group):
    base, profile = "?resource=acct:brick@here.test", "http://webfinger.net/rel/profile-page"
    _, one, _ = await finger(small, here, f"{base}&rel=self&rel={profile}")
    _, other, _ = await finger(small, here, f"?rel={profile}&rel=self&{base[1:]}")
    _, mixed, _ = await finger(small, here, f"{base}&rel=unknown&rel=self")
    _, none, _ = await finger(small, here, f"{base}&rel=unknown")

    assert one == other
    assert [link["rel"] for link in mixed["links"]] == ["self"]
    assert none["links"] == []


async def test_host_meta_leads_to_webfinger(small, here):
    status, text, headers = await ask(small, f"{here.origin}/.well-known/host-meta")

    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "application/xrd+xml")
    assert f'template="{here.origin}/.well-known/webfinger?resource={{uri}}"' in text


# NodeInfo ---------------------------------------------------------------------------------------


async def test_nodeinfo_leads_to_two_versions_and_the_application(small, here):
    _, links, headers = await ask(small, f"{here.origin}/.well-known/nodeinfo")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert links["links"][-1] == {
        "rel": "https://www.w3.org/ns/activitystreams#Application",
        "href": here.instance_actor,
    }
    for link in links["links"][:-1]:
        version = link["rel"].rpartition("/")[2]
        status, found, headers = await ask(small, link["href"])
        assert (status, found["version"]) == (200, version)
        assert f'profile="{link["rel"]}#"' in headers["Content-Type"]
        assert found["protocols"] == ["activitypub"]
        assert ("repository" in found["software"]) == (version == "2.1")
        assert isinstance(found["usage"]["users"], dict)


# Actors -----------------------------------------------------------------------------------------


async def test_an_actors_document_says_all_that_others_need(small, here, group):
    status, actor, headers = await ask(small, group)

    assert status == 200
    assert headers["Content-Type"].startswith("application/activity+json")
    assert "Signature" in headers["Vary"]
    for name in ("inbox", "outbox", "followers", "following"):
        assert actor[name] == f"{group}/{name}"
    assert actor["endpoints"] == {"sharedInbox": f"{here.origin}/inbox"}
    assert actor["publicKey"]["id"] == f"{group}#main-key"
    assert actor["publicKey"]["owner"] == group
    (method,) = actor["assertionMethod"]
    assert (method["type"], method["controller"]) == ("Multikey", group)
    assert actor["generator"]["id"] == here.instance_actor


def test_the_contexts_of_actors_are_those_that_others_have_at_hand():
    addresses = [one for one in CONTEXT if isinstance(one, str)]
    (inline,) = [one for one in CONTEXT if isinstance(one, dict)]

    assert addresses[0] == "https://www.w3.org/ns/activitystreams"
    assert {
        "https://w3id.org/security/v1",
        "https://w3id.org/security/data-integrity/v2",
        "https://w3id.org/security/multikey/v1",
        "https://www.w3.org/ns/did/v1",
    } == set(addresses[1:])
    assert not {"id", "type", "publicKey", "assertionMethod", "proof", "controller"} & set(inline)


async def test_an_actor_that_is_gone_is_410_with_a_tombstone(small, here, group):
    here.bury(group)

    status, tombstone, _ = await ask(small, group)

    assert (status, tombstone["type"], tombstone["formerType"]) == (410, "Tombstone", "Group")
    assert (await ask(small, f"{group}/outbox"))[0] == 410


async def test_the_application_is_served_with_all_it_names(small, here):
    _, actor, _ = await ask(small, here.instance_actor)

    assert actor["type"] == "Application"
    for name in ("outbox", "followers", "following"):
        assert (await ask(small, actor[name]))[0] == 200


# Collections and activities ---------------------------------------------------------------------


async def test_an_outbox_shows_public_activities_newest_first_page_by_page(small, here, group):
    said = [await say(here, PUBLIC, sender=group) for _ in range(45)]
    await say(here, "http://remote.test/users/ana", sender=group)

    _, outbox, _ = await ask(small, f"{group}/outbox")
    assert outbox["totalItems"] == 45
    page, pages = outbox["first"], []
    while page:
        _, found, _ = await ask(small, page)
        assert found["partOf"] == f"{group}/outbox"
        pages.append([one["id"] for one in found["orderedItems"]])
        page = found.get("next")

    assert [len(one) for one in pages] == [20, 20, 5]
    assert [iri for one in pages for iri in one] == said[::-1]


@pytest.mark.parametrize("before", ["x", "-1", "²", "1" * 30, "0"])
async def test_a_page_that_is_none_answers_all_the_same(small, here, group, before):
    await say(here, PUBLIC, sender=group)

    assert (await ask(small, f"{group}/outbox?page=true&before={before}"))[0] == 200


async def test_followers_are_counted_and_not_named(small, here, remote, group):
    ana = await small.actor(remote, "ana")
    await remote.post(f"{group}/inbox", remote.activity("Follow", ana, group), signer=ana)
    await small.settle()

    _, followers, _ = await ask(small, f"{group}/followers")

    assert followers["totalItems"] == 1
    assert not {"first", "items", "orderedItems"} & followers.keys()


async def test_a_public_activity_is_read_by_anybody(small, here, group):
    status, found, headers = await ask(small, await say(here, PUBLIC, sender=group))

    assert (status, found["actor"]) == (200, group)
    assert headers["Cache-Control"].startswith("public")


async def test_an_activity_is_read_by_those_it_is_for_and_their_hosts(small, here, remote, group):
    other = await small.remote("other")
    ana, eve = await small.actor(remote, "ana"), await small.actor(other, "eve")
    host = await small.actor(remote, "host", kind="Application")
    iri = await say(here, ana, sender=group)

    for reader in (ana, host):
        assert (await remote.get(iri, signer=reader))[0] == 200
    assert (await other.get(iri, signer=eve))[0] == 404
    assert (await remote.get(iri))[0] == 404
    assert (await remote.get(f"{here.origin}/activities/none", signer=ana))[0] == 404


async def test_what_others_may_read_of_the_host_is_asked_of_the_host(small, here, remote, group):
    ana, iri = await small.actor(remote, "ana"), await say(here, group, sender=group)
    assert (await remote.get(iri, signer=ana))[0] == 404

    async def may_read(_tx, document, reader):
        return (document["id"], reader) == (iri, ana)

    here.may_read = may_read

    assert (await remote.get(iri, signer=ana))[0] == 200


# Following --------------------------------------------------------------------------------------


async def followers(here, group):
    async with here.reading() as tx:
        return await here.federation.store.peers.count_followers(tx, group)


async def test_an_undo_that_overtakes_its_follow_is_remembered(small, here, remote, group):
    ana = await small.actor(remote, "ana")
    follow = remote.activity("Follow", ana, group)
    undo = remote.activity("Undo", ana, follow)

    for said in (undo, follow):
        assert await remote.post(f"{group}/inbox", said, signer=ana) == 202
        await small.settle()

    assert await followers(here, group) == 0


async def test_an_old_undo_does_not_end_a_newer_follow(small, here, remote, group):
    ana = await small.actor(remote, "ana")
    first, second = (remote.activity("Follow", ana, group) for _ in range(2))

    for said in (first, second, remote.activity("Undo", ana, first)):
        await remote.post(f"{group}/inbox", said, signer=ana)
    await small.settle()

    assert await followers(here, group) == 1


async def test_a_follow_is_undone_by_nobody_else(small, here, remote, group):
    ana, eve = await small.actor(remote, "ana"), await small.actor(remote, "eve")
    follow = remote.activity("Follow", ana, group)
    await remote.post(f"{group}/inbox", follow, signer=ana)
    for inner in (follow, follow["id"], {**follow, "actor": eve}):
        await remote.post(f"{group}/inbox", remote.activity("Undo", eve, inner), signer=eve)
    await small.settle()

    assert await followers(here, group) == 1


async def test_an_actor_that_says_it_is_gone_follows_nobody_any_more(small, here, remote, group):
    ana = await small.actor(remote, "ana")
    for said in (remote.activity("Follow", ana, group), remote.activity("Delete", ana, ana)):
        await remote.post(f"{group}/inbox", said, signer=ana)
    await small.settle()

    assert await followers(here, group) == 0


async def test_an_actor_that_changes_is_known_as_it_is_now(small, here, remote, group):
    ana = await small.actor(remote, "ana")
    follow = remote.activity("Follow", ana, group)
    await remote.post(f"{group}/inbox", follow, signer=ana)
    changed = {**remote.documents["/users/ana"], "name": "Ana Maria"}
    await remote.post(f"{group}/inbox", activity(ana, "Update", changed), signer=ana)
    await small.settle()

    async with here.reading() as tx:
        known = await here.federation.store.peers.known_actor(tx, ana)
    assert known.document["name"] == "Ana Maria"
