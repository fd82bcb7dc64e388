"""The pages about allies: terms are read in plain words, offered and answered by forms."""

from __future__ import annotations

import msgspec

from instance.alliances import service as alliances
from tests.instance.alliances.pair import TERMS, allied, found

FORM = {
    "address": "wash@wash.test",
    "hours_lend": "40",
    "hours_borrow": "30",
    "rate": "75.50",
    "levy_percent": "5",
    "lending_mode": "secondment",
    "employer": "lender",
    "insurer": "Harbour Mutual 4711",
    "notice_hours": "12",
    "text": "<b>Tea</b> is shared.",
}


async def test_a_leader_proposes_by_address_and_the_other_accepts(world):
    care, wash = await found(world, "care"), await found(world, "wash")
    status, _, page = await care.ask("/allies/new?address=@wash@wash.test")
    assert (status, "Terms for Wash Co-op" in page) == (200, True)

    status, headers, _ = await care.ask("/allies/new", {**FORM, "group": care.group})
    assert status == 303
    await world.settle()
    _, _, page = await wash.ask("/allies")
    assert "They offer you terms" in page
    (offered,) = await wash.act(alliances.alliances, wash.group)
    status, _, page = await wash.ask(f"/allies/{offered.id}")
    assert "HK$75.50 an hour for the worker" in page
    assert "never by the worker" in page
    assert "&lt;b&gt;Tea&lt;/b&gt; is shared." in page
    assert "<b>Tea</b>" not in page

    status, headers, _ = await wash.ask(f"/allies/{offered.id}/accept", {})
    assert (status, headers["Location"]) == (303, f"/allies/{offered.id}")
    await world.settle()
    (made,) = await care.act(alliances.alliances, care.group)
    status, _, page = await care.ask(f"/allies/{made.id}")
    assert (status, "Signed by both groups" in page) == (200, True)
    assert "Who could come" in page


async def test_a_refused_form_is_shown_again_with_what_was_entered(world):
    care = await found(world, "care")
    await found(world, "wash")

    wrong = {**FORM, "group": care.group, "rate": "a lot"}
    status, _, page = await care.ask("/allies/new", wrong)

    assert status == 422
    assert 'value="a lot"' in page
    assert "Harbour Mutual 4711" in page
    assert "Write the rate as an amount" in page


async def test_an_address_where_nobody_is_gives_the_form_again(world):
    care = await found(world, "care")

    for address in ("nobody@care.test", "x@nowhere.test", "lead_care@care.test", "::"):
        status, _, page = await care.ask(f"/allies/new?address={address}")
        assert status == 200
        assert 'id="field-address"' in page
        assert 'aria-invalid="true"' in page


async def test_only_leaders_of_that_group_see_its_alliances(world):
    care, wash = await allied(world)
    (made,) = await care.act(alliances.alliances, care.group)

    assert (await wash.ask(f"/allies/{made.id}"))[0] == 404
    assert (await care.ask(f"/allies/{made.id}", signed_in=False))[0] in {303, 401}
    assert (await wash.ask(f"/allies/{made.id}/end", {}))[0] == 404
    assert (await care.act(alliances.alliances, care.group))[0].state == "active"


async def test_an_alliance_is_ended_by_a_form_with_its_reason(world):
    care, wash = await allied(world)
    (made,) = await care.act(alliances.alliances, care.group)

    status, _, _ = await care.ask(f"/allies/{made.id}/end", {"reason": "We merge."})
    await world.settle()

    assert status == 303
    (theirs,) = await wash.act(alliances.alliances, wash.group)
    assert (theirs.state, theirs.reason) == ("ended", "We merge.")


async def test_programs_read_the_same_as_json(world):
    care, _ = await allied(world)

    status, _, text = await care.ask("/allies.json", accept="application/json")

    (ally,) = msgspec.json.decode(text)["active"]
    assert status == 200
    assert ally["alliance"]["terms"]["minutes_limit_lend"] == TERMS.minutes_limit_lend
