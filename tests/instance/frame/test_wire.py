"""Quantities and moments are read strictly, and a stub carries only what routes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from federation import Malformed
from instance import wire


@pytest.mark.parametrize("minutes", [0, 1, 90, 100_000])
def test_a_length_of_time_comes_back_as_it_was_written(minutes):
    assert wire.minutes_of(wire.quantity(minutes)) == minutes


@pytest.mark.parametrize(
    ("unit", "value", "minutes"), [("hour", "1.5", 90), ("minute", "20", 20), ("second", "60", 1)]
)
def test_other_units_are_understood(unit, value, minutes):
    assert wire.minutes_of({"hasUnit": unit, "hasNumericalValue": value}) == minutes


@pytest.mark.parametrize(
    "value",
    [
        None,
        "3600",
        {"hasUnit": "second", "hasNumericalValue": "²"},
        {"hasUnit": "second", "hasNumericalValue": "-60"},
        {"hasUnit": "second", "hasNumericalValue": "61"},
        {"hasUnit": "second", "hasNumericalValue": "9" * 40},
        {"hasUnit": "hour", "hasNumericalValue": "9999999999"},
        {"hasUnit": "day", "hasNumericalValue": "1"},
    ],
)
def test_anything_else_is_malformed(value):
    with pytest.raises(Malformed):
        wire.minutes_of(value)


def test_moments_come_back_in_utc_and_need_their_zone():
    moment = datetime(2027, 1, 4, 8, tzinfo=UTC)

    assert wire.moment_of(wire.instant(moment)) == moment
    assert wire.moment_of("2027-01-04T16:00:00+08:00") == moment
    ends_of_time = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:00")
    for text in ("2027-01-04T08:00:00", "soon", None, *ends_of_time):
        with pytest.raises(Malformed):
            wire.moment_of(text)


def test_a_stub_carries_what_routes_and_nothing_else():
    accept = {
        "id": "https://a.test/1",
        "type": "Accept",
        "actor": "https://a.test/p",
        "to": ["https://b.test/g"],
        "object": {
            "id": "https://b.test/2",
            "type": "Invite",
            "actor": "https://b.test/g",
            "object": {"type": "Commitment", "name": "secret"},
        },
    }

    assert wire.stub(accept) == {
        "id": "https://a.test/1",
        "type": "Accept",
        "actor": "https://a.test/p",
        "object": {
            "id": "https://b.test/2",
            "type": "Invite",
            "actor": "https://b.test/g",
            "object": {"type": "Commitment"},
        },
    }
