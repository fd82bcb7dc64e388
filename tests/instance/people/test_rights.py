"""Rights are rows: what each gives, to whom, and what taking one away leaves."""

from __future__ import annotations

import pytest

from federation import Iri
from instance.errors import Forbidden, NotFound
from instance.network import service as network
from instance.people import rights, sessions
from instance.people import service as people
from instance.people.models import Role
from instance.transparency import service as transparency
from instance.viewer import Viewer

GROUP = Iri("http://care.test/groups/abc")
OTHER = Iri("http://care.test/groups/xyz")
MEI = Iri("http://care.test/people/mei")
FAR = Iri("http://wash.test/people/far")


def viewer(person, *scopes):
    return Viewer(person, "", "", "en", frozenset(scopes) if scopes else None)


@pytest.fixture
async def care(world):
    return await world.instance("care")


@pytest.mark.parametrize(
    ("role", "leads", "administers"),
    [
        (Role.MEMBER, False, False),
        (Role.AUDITOR, False, False),
        (Role.LEADER, True, False),
        (Role.ADMINISTRATOR, True, True),
    ],
)
async def test_a_role_gives_what_the_table_says_and_in_its_group_only(
    care, role, leads, administers
):
    async with care.database.transaction() as tx:
        await people.grant(tx, MEI, GROUP, role, "init")
        assert await people.is_leader(tx, MEI, GROUP) is leads
        assert await people.is_leader(tx, MEI, OTHER) is False
        assert await people.is_administrator(tx, MEI) is administers
        with pytest.raises(NotFound):
            await people.require_leader(tx, viewer(MEI), OTHER)
        if leads:
            await people.require_leader(tx, viewer(MEI), GROUP)
        else:
            with pytest.raises(NotFound):
                await people.require_leader(tx, viewer(MEI), GROUP)


@pytest.mark.parametrize(
    ("scopes", "passes"),
    [
        (("group:abc:lead",), True),
        (("admin",), True),
        (("group:xyz:lead",), False),
        (("self",), False),
        (("group:abc",), False),
    ],
)
async def test_a_leaders_token_needs_the_scope_of_that_group(care, scopes, passes):
    async with care.database.transaction() as tx:
        await people.grant(tx, MEI, GROUP, Role.LEADER, "init")
        if passes:
            await people.require_leader(tx, viewer(MEI, *scopes), GROUP)
        else:
            with pytest.raises(Forbidden):
                await people.require_leader(tx, viewer(MEI, *scopes), GROUP)


async def test_a_right_given_twice_by_two_words_needs_both_taken(care):
    async with care.database.transaction() as tx:
        for source in ("init", "vote-1"):
            await people.grant(tx, MEI, GROUP, Role.LEADER, source)
            await people.grant(tx, MEI, GROUP, Role.LEADER, source)
        await people.revoke(tx, MEI, GROUP, Role.LEADER, "init")
        assert await people.is_leader(tx, MEI, GROUP)
        await people.revoke(tx, MEI, GROUP, Role.LEADER)
        assert not await people.is_leader(tx, MEI, GROUP)


async def test_leaders_from_elsewhere_are_leaders_and_the_longest_stand_first(any_world):
    care = await any_world.instance("care")
    async with care.database.transaction() as tx:
        await people.grant(tx, FAR, GROUP, Role.LEADER, "init")
    any_world.clock.advance(days=1)
    async with care.database.transaction() as tx:
        await people.grant(tx, MEI, GROUP, Role.LEADER, "vote")
        await people.grant(tx, MEI, GROUP, Role.MEMBER, "join")
    async with care.database.reading() as tx:
        assert await people.leaders_of(tx, GROUP) == (FAR, MEI)
        assert [one.role for one in await rights.rights_of(tx, MEI)] == [Role.LEADER, Role.MEMBER]


async def test_what_gives_power_is_in_the_log_and_membership_is_not(care):
    async with care.database.transaction() as tx:
        await people.grant(tx, MEI, GROUP, Role.MEMBER, "join")
        await people.grant(tx, MEI, GROUP, Role.LEADER, FAR)
        await people.revoke(tx, MEI, GROUP, Role.LEADER)
    async with care.database.reading() as tx:
        found = await transparency.entries(tx)
    assert [(one.kind, one.by, one.about, one.group) for one in found] == [
        ("people.revoked", FAR, MEI, GROUP),
        ("people.granted", FAR, MEI, GROUP),
    ]


async def test_a_page_open_at_the_time_asks_the_rows_again(coop):
    browser = await coop.browser(coop.mei)
    path = f"{coop.ana.removeprefix(coop.origin)}/code"
    assert (await browser.post(path)).status == 200
    async with coop.database.transaction() as tx:
        await people.revoke(tx, coop.mei, coop.group, Role.LEADER)
    assert (await browser.post(path)).status == 404


async def test_who_leads_several_groups_meets_them_in_the_order_of_their_founding(coop, clock):
    clock.advance(minutes=1)
    async with coop.database.transaction() as tx:
        kind = network.ActorKind.GROUP
        later = [await network.create_actor(tx, kind, name) for name in ("nursing", "cleaning")]
        for group in (*later, coop.group):
            await people.grant(tx, coop.ana, group, Role.LEADER, "init")
    cookie = await coop.cookie(coop.ana)
    async with coop.database.reading() as tx:
        found, _ = await sessions.viewer_by_cookie(tx, cookie)
    assert found.leads == (coop.group, later[1], later[0])
