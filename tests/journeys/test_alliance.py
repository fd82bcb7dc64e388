"""Two groups agree on terms, keep the same signed text, and end it again."""

from __future__ import annotations

from federation.proofs import verify_document
from instance.alliances import service as alliances
from instance.alliances.activities import find_group
from instance.alliances.received import by_offer
from tests.instance.alliances.pair import TERMS, allied, found


async def one_alliance(coop):
    found_here = await coop.act(alliances.alliances, coop.group)
    assert len(found_here) == 1
    return found_here[0]


async def test_terms_are_offered_read_and_accepted(any_world):
    care, wash = await found(any_world, "care"), await found(any_world, "wash")
    preview = await find_group(care.database, "@wash@wash.test")
    assert (preview.iri, preview.name, preview.address) == (
        wash.group,
        "Wash Co-op",
        "wash@wash.test",
    )
    await care.act(alliances.offer, care.group, preview.iri, TERMS)
    assert await care.see(alliances.allies, care.group) == []
    await any_world.settle()

    offered = await one_alliance(wash)
    assert (offered.state, offered.ally_name) == ("proposed", "Care Co-op")
    assert (offered.terms.minutes_limit_lend, offered.terms.minutes_limit_borrow) == (1800, 2400)
    await wash.act(alliances.accept, offered.id)
    await any_world.settle()

    assert await care.see(alliances.require_ally, care.group, wash.group) == TERMS
    assert await wash.see(alliances.require_ally, wash.group, care.group) == TERMS.turned()


async def test_both_sides_keep_the_same_text_byte_for_byte_with_both_signatures(any_world):
    care, wash = await allied(any_world)

    ours, theirs = await one_alliance(care), await one_alliance(wash)

    assert ours.text.encode() == theirs.text.encode()
    for coop in (care, wash):
        async with coop.database.reading() as tx:
            row = await by_offer(tx, ours.offer, coop.group)
            keys = {}
            for other in (care, wash):
                async with other.database.reading() as elsewhere:
                    directory = other.running.federation.directory
                    actor = await directory.actor(elsewhere, other.group)
                    keys[other.group] = actor.keys.ed25519.public
        proofs = {coop.group: row.our_proof, row.ally: row.their_proof}
        for group, proof in proofs.items():
            verify_document({**row.terms, "proof": proof}, keys[group])


async def test_terms_are_refused_with_a_reason(any_world):
    care, wash = await found(any_world, "care"), await found(any_world, "wash")
    await care.act(alliances.offer, care.group, wash.group, TERMS)
    await any_world.settle()

    await wash.act(alliances.refuse, (await one_alliance(wash)).id, "Too much at once.")
    await any_world.settle()

    answer = await one_alliance(care)
    assert (answer.state, answer.reason) == ("rejected", "Too much at once.")
    assert await wash.see(alliances.allies, wash.group) == []


async def test_either_side_ends_an_alliance(any_world):
    for ender in (0, 1):
        pair = await allied_again(any_world, ender)
        await pair[ender].act(alliances.end, (await one_alliance(pair[ender])).id, "Thank you.")
        await any_world.settle()

        assert [(await one_alliance(one)).state for one in pair] == ["ended", "ended"]
        assert [await one.see(alliances.allies, one.group) for one in pair] == [[], []]


async def allied_again(world, number):
    care, wash = await found(world, f"care{number}"), await found(world, f"wash{number}")
    await care.act(alliances.offer, care.group, wash.group, TERMS)
    await world.settle()
    await wash.act(alliances.accept, (await one_alliance(wash)).id)
    await world.settle()
    return care, wash


async def test_new_terms_take_the_place_of_old_ones(any_world):
    care, wash = await allied(any_world)
    newer = TERMS.turned()
    any_world.clock.advance(hours=1)
    await wash.act(alliances.offer, wash.group, care.group, newer)
    await any_world.settle()
    offered = next(
        one for one in await care.act(alliances.alliances, care.group) if one.state == "proposed"
    )

    await care.act(alliances.accept, offered.id)
    await any_world.settle()

    assert await care.see(alliances.require_ally, care.group, wash.group) == newer.turned()
    assert await wash.see(alliances.require_ally, wash.group, care.group) == newer
    for coop in (care, wash):
        assert len(await coop.see(alliances.allies, coop.group)) == 1


async def test_an_alliance_is_over_after_its_end(any_world):
    care, wash = await found(any_world, "care"), await found(any_world, "wash")
    today = care.now.date()
    terms = alliances.Terms(
        **{name: getattr(TERMS, name) for name in TERMS.__struct_fields__ if name != "end"},
        end=today,
    )
    await care.act(alliances.offer, care.group, wash.group, terms)
    await any_world.settle()
    await wash.act(alliances.accept, (await one_alliance(wash)).id)
    await any_world.settle()
    assert await care.see(alliances.allies, care.group)

    any_world.clock.advance(days=1)

    assert await care.see(alliances.allies, care.group) == []
