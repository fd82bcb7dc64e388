"""What terms allow, and that they travel whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance.alliances.terms import (
    Employer,
    LendingMode,
    Terms,
    check_loan,
    check_notice,
    check_terms,
    read_terms,
    signed_text,
    terms_document,
)
from instance.errors import Conflict, Invalid
from tests.instance.alliances.pair import TERMS

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
US, THEM, OFFER = "http://a.test/groups/a", "http://b.test/groups/b", "http://a.test/activities/1"


def written(terms):
    return terms_document(
        terms, subject=US, other=THEM, offer=OFFER, at=NOW, context=["https://x.test/context"]
    )


def loan(terms, **more):
    values = {"start": NOW, "end": NOW + timedelta(hours=4), "minutes": 240, "minutes_left": 240}
    check_loan(terms, **{**values, **more})


@given(
    st.builds(
        Terms,
        minutes_limit_lend=st.integers(0, 100_000),
        minutes_limit_borrow=st.integers(0, 100_000),
        rate_cents_per_hour=st.integers(0, 1_000_000),
        currency=st.sampled_from(["HKD", "EUR"]),
        levy_percent=st.integers(0, 50),
        lending_mode=st.sampled_from([one for one in LendingMode if one != "licensed_agency"]),
        employer=st.sampled_from(Employer),
        insurer=st.text(st.characters(codec="utf-8"), max_size=300),
        notice_minutes=st.integers(0, 60 * 24 * 60),
        end=st.none() | st.dates(date(2027, 1, 1), date(2090, 1, 1)),
        text=st.text(st.characters(codec="utf-8"), max_size=200),
    )
)
def test_terms_are_read_as_they_were_written_and_turned_for_the_other_side(terms):
    document = written(terms)

    assert read_terms(document, US) == terms
    assert read_terms(document, THEM) == terms.turned()
    assert signed_text(document) == signed_text({**document, "proof": {"any": "thing"}})


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"employer": Employer.UNSAID}, "terms.employer"),
        ({"insurer": " "}, "terms.insurer"),
        ({"end": date(2027, 1, 3)}, "terms.end"),
    ],
)
def test_a_loan_that_a_clause_forbids_is_refused_by_its_name(change, clause):
    with pytest.raises(Conflict) as refused:
        loan(msgspec.structs.replace(TERMS, **change))

    assert refused.value.code == clause
    assert "clause" in str(refused.value)


def test_a_loan_beyond_the_limit_is_refused_with_both_figures():
    loan(TERMS)
    with pytest.raises(Conflict) as refused:
        loan(TERMS, minutes=270, minutes_left=210)

    assert refused.value.code == "terms.minutes_limit"
    assert "4.5 hours" in str(refused.value)
    assert "3.5" in str(refused.value)


def test_notice_is_counted_to_the_start():
    check_notice(TERMS, start=NOW + timedelta(hours=12), now=NOW)
    with pytest.raises(Conflict):
        check_notice(TERMS, start=NOW + timedelta(hours=11, minutes=59), now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"levy_percent": 51},
        {"levy_percent": -1},
        {"minutes_limit_lend": -1},
        {"rate_cents_per_hour": 10**9},
        {"currency": "hk$"},
        {"text": "x" * 5_001},
        {"lending_mode": LendingMode.LICENSED_AGENCY},
    ],
)
def test_terms_that_cannot_be_meant_are_refused(change):
    with pytest.raises(Invalid):
        check_terms(msgspec.structs.replace(TERMS, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"relationship": "friend"},
        {"terms": None},
        {"terms": {}},
        {"subject": "http://c.test/groups/c"},
    ],
)
def test_a_relationship_without_terms_for_both_is_refused(change):
    with pytest.raises(Invalid):
        read_terms({**written(TERMS), **change}, THEM)


@pytest.mark.parametrize("odd", [[], {}, [US], {"id": US}, None, 5])
def test_limits_for_what_is_no_group_are_refused(odd):
    document = written(TERMS)
    document["terms"]["limits"][0]["provider"] = odd
    with pytest.raises(Invalid):
        read_terms(document, US)


@pytest.mark.parametrize("rate", ["1e400", "NaN", "1.005", "-3", "x"])
def test_a_rate_that_is_no_amount_is_refused(rate):
    document = written(TERMS)
    document["terms"]["rate"]["hasNumericalValue"] = rate
    with pytest.raises(Invalid):
        read_terms(document, US)
