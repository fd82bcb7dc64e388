"""How actors are addressed is looked up for all of them at once, wherever they are."""

import sqlalchemy as sa

from federation import Iri
from instance.groups import service as groups
from tests.instance.jobs.commune import found


async def test_the_handles_of_many_take_two_queries(world):
    care = await found(world, "care")
    remote = await world.remote()
    eve, bob = Iri(remote.actor("eve")), Iri(remote.actor("bob"))
    stranger = Iri("https://nowhere.test/users/nobody")
    for one in (eve, bob):
        await care.running.federation.actors.fetch(one)

    asked = []
    async with care.database.reading() as tx:
        bind = tx.session.get_bind()
        sa.event.listen(bind, "before_cursor_execute", lambda *a: asked.append(a[2]))
        found_handles = await groups.handles_of(tx, [care.group, eve, bob, stranger, eve])

    assert {one: handle.partition("@")[0] for one, handle in found_handles.items()} == {
        care.group: "care",
        eve: "eve",
        bob: "bob",
        stranger: "nobody",
    }
    assert len([one for one in asked if one.startswith("SELECT")]) == 2
