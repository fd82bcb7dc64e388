"""Two overlapping invitations, every message at any time in any order: nothing ever goes wrong."""

from types import MappingProxyType

import pytest

from instance.agenda import promise
from instance.staffing import placement
from tests.simulation.search import Search, Tables

BOTH_WAYS = pytest.mark.parametrize("replacing", [False, True], ids=["rivals", "replacing"])


def first_fault(replacing, tables=None):
    search = Search(replacing=replacing, tables=tables)
    return next((fault for world in search.worlds() if (fault := search.fault(world))), None)


@BOTH_WAYS
def test_she_is_never_in_two_places_and_in_the_end_both_sides_agree(replacing):
    assert first_fault(replacing) is None


@BOTH_WAYS
def test_every_state_of_the_tables_is_reached(replacing):
    homes, groups = set(), set()
    for world in Search(replacing=replacing).worlds():
        homes |= set(world.home)
        groups |= set(world.group)
    missing = set(promise.PromiseState) - homes | set(placement.PlacementState) - groups
    assert {one.value for one in missing} == (set() if replacing else {"replaced"})


def without(table, row):
    return MappingProxyType({key: step for key, step in table.items() if key != row})


@pytest.mark.parametrize("row", list(promise.ON_HEARING), ids=str)
def test_each_message_that_the_home_hears_is_needed(row):
    tables = Tables(home_hears=without(promise.ON_HEARING, row))
    assert first_fault(False, tables) or first_fault(True, tables)


@pytest.mark.parametrize("row", list(placement.ON_HEARING), ids=str)
def test_each_message_that_the_group_hears_is_needed(row):
    tables = Tables(group_hears=without(placement.ON_HEARING, row))
    assert first_fault(False, tables) or first_fault(True, tables)


def test_a_home_that_does_not_look_at_other_promises_is_found_out(monkeypatch):
    monkeypatch.setattr(Search, "_can", lambda *_: True)
    assert first_fault(False) == "she is promised to two places at once"


def test_an_older_placement_that_stays_is_found_out(monkeypatch):
    monkeypatch.setattr(placement, "is_replaced", lambda *_: False)
    assert first_fault(True)
