"""Nothing about a person is kept that the register does not name, with its purpose and its end."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from instance import idempotency, personal
from instance.app import DUE
from instance.db import Base
from instance.jobs import known
from instance.moderation import reporting
from instance.notices import service as notices
from instance.people import attempts, sessions
from instance.staffing import shortlist

IMPERSONAL = {
    "alliance_capacities",
    "alliance_capacity_askings",
    "alliance_early_undos",
    "alliances",
    "ask_places",
    "asks",
    "due",
    "door_codes",
    "early_undos",
    "federation_comparisons",
    "federation_counters",
    "federation_peers",
    "federation_seen",
    "groups",
    "ledger_reversals",
    "loan_early_ends",
    "loan_places",
    "loans",
    "openings",
    "polls",
    "push_keys",
    "repeated_shifts",
    "reported_groups",
    "shared_jobs",
    "shifts",
    "telephone_requests",
    "shortlist_gaps",
    "shortlists",
    "staffed_openings",
    "subscriptions",
    "transparency_head",
}
"""Tables of groups, jobs, allies and servers. None has a column that could name a person."""

NAMES_A_PERSON = {"person", "leader", "reader", "made_by", "by", "name_public", "email", "phone"}

NUMBERS = {
    "amount": "cents or minutes owed",
    "asked": "how many of those in fair order have had their turn",
    "attempts": "tries to deliver",
    "break_minutes": "minutes",
    "cents_per_hour": "cents",
    "choice": "place of an answer to a question, from 0",
    "count": "wrong tries to sign in",
    "end_minute": "minute of the day",
    "fund_percent": "percent of a price",
    "generation": "how often the keys were changed",
    "id": "number of a row",
    "insurance_percent": "percent of a price",
    "level": "1 learns a skill, 2 does it alone, 3 shows others; her own word",
    "levy_percent": "percent of a price",
    "minutes": "minutes",
    "pay_cents_per_hour": "cents",
    "people": "how many are asked at once",
    "proposed": "minutes",
    "quiet_from": "minute of the day; her own word",
    "quiet_until": "minute of the day; her own word",
    "seq": "number of a row",
    "start_minute": "minute of the day",
    "status": "HTTP status",
    "tries": "wrong tries of a code",
    "wave": "number of a round of asking",
    "weekday": "0 is Monday",
    "weekly_minutes": "minutes; her own word",
    "worker_percent": "percent of a price",
}
"""Every number that is kept about anybody, with its unit: a score would have none."""

DAYS = {
    personal.Until.MINUTES: [attempts.WINDOW],
    personal.Until.TWO_DAYS: [idempotency.KEEP],
    personal.Until.MONTH: [sessions.KEEP, known.KEPT],
    personal.Until.FOUR_WEEKS: [shortlist.KEPT],
    personal.Until.QUARTER: [notices.KEEP, reporting.KEPT],
}


def named():
    return Counter((one.table, column) for one in personal.REGISTER for column in one.columns)


def test_each_column_of_each_table_about_people_is_named_once_with_its_purpose_and_its_end():
    tables = Base.metadata.tables.values()
    exist = Counter((t.name, c.name) for t in tables if t.name not in IMPERSONAL for c in t.columns)
    assert named() == exist
    assert all(one.purpose and one.purpose_zh_hant for one in personal.REGISTER)
    assert set(personal.WORDS) == set(personal.Until)


def test_no_other_table_could_name_a_person():
    assert set(Base.metadata.tables) >= IMPERSONAL
    for table in sorted(IMPERSONAL):
        assert not NAMES_A_PERSON & set(Base.metadata.tables[table].columns.keys()), table


def test_each_number_about_a_person_has_a_unit_so_that_no_score_slips_in():
    kinds = (sa.Integer, sa.Numeric)
    numbers = {
        column.name
        for table in Base.metadata.tables.values()
        if table.name not in IMPERSONAL
        for column in table.columns
        if isinstance(column.type, kinds)
    }
    assert numbers == set(NUMBERS)
    for table in Base.metadata.tables.values():
        assert not [c.name for c in table.columns if isinstance(c.type, sa.Numeric)], table.name


@pytest.mark.parametrize("until", sorted(DAYS))
def test_what_is_kept_for_a_time_is_forgotten_after_that_time(until):
    number, unit = until.split(" ")[:2]
    for one in DAYS[until]:
        assert one.total_seconds() == int(number) * {"minutes": 60, "days": 86_400}[unit]
    assert {notices.FORGET, idempotency.KIND, attempts.FORGET, sessions.FORGET} <= set(DUE)
