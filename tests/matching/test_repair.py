"""A plan that stays in memory is mended where somebody drops out."""

import msgspec
import pytest
from hypothesis import given

import matching
from matching import HeldSkill, Standing
from matching.repair import Mending, Move, Resident
from tests.matching.networks import networks
from tests.matching.worlds import AFTERNOON, few, opening, people, problem, worker


def able(name, *keys, **changes):
    return worker(name, skills=tuple(HeldSkill(key) for key in keys), **changes)


def resident(asked):
    return Resident(asked, matching.plan(asked))


def test_if_anybody_is_free_nobody_is_moved_and_the_least_served_is_asked():
    team = [worker("a"), worker("b", minutes_had=600), worker("c", minutes_had=60)]
    kept = resident(problem(team, [opening()]))
    assert kept.drop_out("a", "o1") == Mending(
        opening="o1", moves=(Move(worker="c", takes="o1"),), missing=0
    )


def test_if_nobody_is_free_the_fewest_are_moved():
    team = [able("a", "x"), able("b", "x", "y"), able("c", "y")]
    work = [opening("o-x", skill="x"), opening("o-y", skill="y")]
    pins = (Standing(worker="b", opening="o-y", kind="planned"),)
    kept = resident(problem(team, work, standing=pins))
    assert people(kept.plan()) == {("o-x", "a"), ("o-y", "b")}
    mended = kept.drop_out("a", "o-x")
    assert mended.missing == 0
    assert mended.moves == (
        Move(worker="c", takes="o-y"),
        Move(worker="b", takes="o-x", leaves="o-y"),
    )


def test_who_dropped_out_is_not_suggested_there_again_but_elsewhere():
    kept = resident(problem([worker("a")], [opening("o1"), opening("o2", AFTERNOON)]))
    assert kept.drop_out("a", "o1") == Mending(opening="o1", moves=(), missing=1)
    assert people(kept.plan()) == {("o2", "a")}
    assert kept.more_places("o2").missing == 1


def test_who_does_not_come_at_all_is_suggested_nowhere():
    team = [worker("a"), worker("b", minutes_had=600)]
    kept = resident(problem(team, [opening("o1"), opening("o2", AFTERNOON, count=2)]))
    gone = kept.drop_out_of_all("a")
    assert sorted(one.opening for one in gone) == ["o1", "o2"]
    assert people(kept.plan()) == {("o1", "b"), ("o2", "b")}


def test_a_place_more_is_filled_where_somebody_is_free():
    kept = resident(problem([worker("a"), worker("b")], [opening("o1")]))
    assert kept.more_places("o1").missing == 0
    assert len(kept.plan().assignments) == 2
    assert kept.more_places("o1", 3).missing == 3


def test_a_drop_out_is_of_a_place_that_the_plan_gives():
    kept = resident(problem([worker("a"), worker("b")], [opening("o1")]))
    ((_, inside),) = people(kept.plan())
    with pytest.raises(KeyError):
        kept.drop_out("b" if inside == "a" else "a", "o1")


@few
@given(networks())
def test_a_mended_plan_is_legal_and_moves_nobody_without_need(asked):
    made = matching.plan(asked)
    whole = {one for team in asked.teams if team.whole for one in team.openings}
    kept = Resident(asked, made)
    for out in made.assignments:
        if (out.opening, out.worker) not in people(kept.plan()) or out.opening in whole:
            continue
        before = people(kept.plan())
        mended = kept.drop_out(out.worker, out.opening)
        after = kept.plan()
        assert [fault for fault in matching.check(asked, after) if fault.code != "at_most"] == []
        assert (out.opening, out.worker) not in people(after)
        assert len(people(after)) == len(before) - (mended.missing > 0)
        lost = before - people(after) - {(out.opening, out.worker)}
        assert lost == {(m.leaves, m.worker) for m in mended.moves if m.leaves}


def test_another_problems_plan_is_refused():
    made = matching.plan(problem([worker()], [opening()]))
    other = msgspec.structs.replace(problem([worker()], [opening()]), id="other")
    with pytest.raises(ValueError, match="another problem"):
        Resident(other, made)
