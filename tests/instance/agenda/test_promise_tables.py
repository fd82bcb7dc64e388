"""Every state and every message at the home, against the handshake's tables written out again.

The tables stand here a second time, as text, so that a slip in one place is noticed in the other.
"""

import itertools

import pytest

from instance.agenda.promise import TAKES_TIME, Act, Heard, PromiseState, act, hear, is_replaced

MESSAGES = """
none      | Invite              | invited     | nothing
none      | Undo{Invite}        | called off  | nothing
invited   | Undo{Invite}        | called off  | nothing
held      | Undo{Invite}        | called off  | nothing
confirmed | Undo{Invite}        | called off  | nothing
held      | Accept{her Accept}  | confirmed   | Create{Commitment}
held      | Reject{her Accept}  | released    | nothing
"""

ACTS = """
invited   | yes              | held           | Accept{Invite}
invited   | yes but not free | refused        | Reject{Invite}
invited   | no               | declined       | Reject{Invite}
held      | expire           | expired        | Undo{Accept}
held      | withdraw         | withdrawn held | Undo{Accept}
confirmed | drop out         | withdrawn      | Undo{Create{Commitment}}
confirmed | shift ends       | done           | nothing
"""


def table(text):
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return {(state, what): (becomes, says) for state, what, becomes, says in rows}


def outcome(step):
    return (
        None if step is None else (step.becomes.value, step.says.value if step.says else "nothing")
    )


STATES = [None, *PromiseState]


def name(state):
    return "none" if state is None else state.value


@pytest.mark.parametrize(("state", "heard"), list(itertools.product(STATES, Heard)))
def test_a_message_leads_to_what_the_table_says_or_changes_nothing(state, heard):
    assert outcome(hear(state, heard)) == table(MESSAGES).get((name(state), heard.value))


@pytest.mark.parametrize(("state", "does"), list(itertools.product(PromiseState, Act)))
def test_an_act_leads_to_what_the_table_says_or_cannot_be_done(state, does):
    assert outcome(act(state, does)) == table(ACTS).get((name(state), does.value))


def test_the_tables_name_every_message_every_act_and_every_state():
    told, done = table(MESSAGES), table(ACTS)
    assert {what for _, what in told} == {one.value for one in Heard}
    assert {what for _, what in done} == {one.value for one in Act}
    reached = {becomes for becomes, _ in [*told.values(), *done.values()]} | {"replaced"}
    assert reached == {one.value for one in PromiseState}


def test_time_is_taken_by_what_is_held_confirmed_or_done_and_by_nothing_else():
    assert {one.value for one in TAKES_TIME} == {"held", "confirmed", "done"}


@pytest.mark.parametrize(("older", "newer"), list(itertools.product(PromiseState, PromiseState)))
def test_only_a_confirmed_promise_gives_way_and_only_to_a_confirmed_one(older, newer):
    expected = (older.value, newer.value) == ("confirmed", "confirmed")
    assert is_replaced(older, newer) == expected
