"""Every state and every message at group and borrower, against the tables written out again."""

import itertools

import pytest

from instance.staffing.placement import (
    ASKED,
    TAKES_PLACE,
    Act,
    Heard,
    PlaceHeard,
    PlacementState,
    PlaceState,
    act,
    hear,
    hear_of_place,
    is_replaced,
)

MESSAGES = """
invited    | Accept{Invite}            | answered    | nothing
invited    | Reject{Invite}            | declined    | nothing
invited    | Undo{Accept}              | expired     | nothing
answered   | Undo{Accept}              | expired     | nothing
confirming | Undo{Accept}              | lost        | nothing
confirming | Create{Commitment}        | confirmed   | nothing
confirming | Undo{Create{Commitment}}  | dropped out | nothing
confirmed  | Undo{Create{Commitment}}  | dropped out | nothing
done       | Undo{Create{Commitment}}  | dropped out | nothing
"""

ACTS = """
invited    | reply due  | called off | Undo{Invite}
invited    | call off   | called off | Undo{Invite}
answered   | confirm    | confirming | Accept{her Accept}
answered   | not needed | not needed | Reject{her Accept}
answered   | call off   | called off | Undo{Invite}
confirming | call off   | called off | Undo{Invite}
confirmed  | call off   | called off | Undo{Invite}
confirmed  | shift ends | done       | nothing
"""

PLACES = """
promised | Announce{Create{Commitment}} | named
promised | Undo{Announce}               | promised
named    | Undo{Announce}               | promised
named    | her EconomicEvent            | done
named    | shift ends                   | done
"""


def table(text):
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def outcome(step):
    return (
        None if step is None else (step.becomes.value, step.says.value if step.says else "nothing")
    )


@pytest.mark.parametrize(("state", "heard"), list(itertools.product(PlacementState, Heard)))
def test_a_message_leads_to_what_the_table_says_or_changes_nothing(state, heard):
    assert outcome(hear(state, heard)) == table(MESSAGES).get((state.value, heard.value))


@pytest.mark.parametrize(("state", "does"), list(itertools.product(PlacementState, Act)))
def test_an_act_leads_to_what_the_table_says_or_cannot_be_done(state, does):
    assert outcome(act(state, does)) == table(ACTS).get((state.value, does.value))


@pytest.mark.parametrize(("state", "heard"), list(itertools.product(PlaceState, PlaceHeard)))
def test_a_lent_place_becomes_what_the_table_says_or_stays(state, heard):
    becomes = hear_of_place(state, heard)
    expected = table(PLACES).get((state.value, heard.value))
    assert (None if becomes is None else (becomes.value,)) == expected


def test_the_tables_name_every_message_every_act_and_every_state():
    told, done = table(MESSAGES), table(ACTS)
    assert {what for _, what in told} == {one.value for one in Heard}
    assert {what for _, what in done} == {one.value for one in Act}
    reached = {row[0] for row in [*told.values(), *done.values()]} | {"invited", "replaced"}
    assert reached == {one.value for one in PlacementState}


@pytest.mark.parametrize(("state", "heard"), list(itertools.product(PlacementState, Heard)))
def test_an_older_placement_gives_way_to_the_new_promise_and_to_its_undo(state, heard):
    proof = heard.value in {"Create{Commitment}", "Undo{Create{Commitment}}"}
    assert is_replaced(state, heard) == (proof and state.value in {"confirmed", "done"})


def test_a_place_is_taken_from_the_confirmation_on():
    assert {one.value for one in TAKES_PLACE} == {"confirming", "confirmed", "done"}
    assert {one.value for one in ASKED - TAKES_PLACE} == {"invited", "answered"}
