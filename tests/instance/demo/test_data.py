"""The demonstration world's files and the odd files of the importer's tests.

The files have the shape a co-op uploads; what their cells mean:

- Dates are placeholders: the world begins on Monday 2027-01-04, and the loader moves every date of
  every file (jobs, free days, expiries, agreements) by one and the same number of whole weeks.
- people: lists are separated by ";"; skills, certificates, languages and districts are keys, labels
  or aliases of either language; a certificate may end in its last valid day. `groups` names the
  co-op itself first; `role` holds in all of them. An empty `agreed_on_paper` is no agreement: the
  matcher does not see that person. The same human in two files has the same name and telephone.
- availability: a row has a weekday (every week) or a date (that day only). A date without hours is
  a day off. An end that is not after its start is on the next day.
- jobs: one row is one shift; rows of the same title and group are one job. `openings` is
  places, a multiplication sign, a skill and, in brackets, the certificates and languages it needs,
  comma-separated; several openings are joined by ";". `pay_per_hour` is in dollars.
- tests/data: every row of people_bad_rows.csv but the first and the last has one fault, which its
  handle (or, where the handle is the fault, its name) says.

Telephone numbers begin with 0, which no subscriber's number in Hong Kong does.
"""

import csv
import re
import unicodedata
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from instance.demo.coops import beginning, last_workday
from instance.demo.past import LENT, WEEDING

ROOT = Path(__file__).parents[3]
DATA = ROOT / "instance" / "demo" / "data"
ODD = ROOT / "tests" / "data"
COOPS = {"care": 45, "wash": 40, "green": 35}
STORY = "出院首日照顧 First day home from hospital"
BEGIN = date(2027, 1, 4)
KINDS = {"skills": "skill", "certificates": "certificate", "languages": "language"}
WEEKDAYS = [
    {"mon", "monday", "星期一"},
    {"tue", "tuesday", "星期二"},
    {"wed", "wednesday", "星期三"},
    {"thu", "thursday", "星期四"},
    {"fri", "friday", "星期五"},
    {"sat", "saturday", "星期六"},
    {"sun", "sunday", "星期日"},
]
PEOPLE = (
    "name,handle,email,phone,role,skills,certificates,languages,weekly_hours,district,groups,"
    "adult,agreed_on_paper"
)
JOBS = (
    "title,group,district,address,customer,customer_phone,date,start,end,break_minutes,openings,"
    "pay_per_hour,levy_percent,bring,contact_name,contact_phone,audience"
)
OPENING = re.compile(r"(?P<count>\d+)\u00d7 (?P<skill>[^\[\]]+?)(?: \[(?P<needs>[^\[\]]+)\])?")
CERTIFICATE = re.compile(r"(?P<word>.+?)(?: (?P<until>\d{4}-\d\d-\d\d))?")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def folded(word: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


@cache
def meanings() -> dict[tuple[str, str], str]:
    found = {}
    for row in rows(ROOT / "instance" / "skills" / "vocabulary.csv"):
        named = [row["key"], row["en"], row["zh_hant"], *row["aliases"].split("|")]
        found |= {(row["kind"], folded(word)): row["key"] for word in named if word}
    for row in rows(ROOT / "instance" / "skills" / "places.csv"):
        found |= {("place", folded(row[c])): row["key"] for c in ("key", "en", "zh_hant")}
    return found


def meaning(kind: str, word: str) -> str:
    return meanings()[kind, folded(word)]


@cache
def groups_of(coop: str) -> set[str]:
    return {row["key"] for row in rows(DATA / "groups.csv") if row["coop"] == coop}


def load(coop: str, what: str) -> list[dict[str, str]]:
    return rows(DATA / f"{coop}_{what}.csv")


def everyone() -> list[tuple[str, dict[str, str]]]:
    return [(coop, row) for coop in COOPS for row in load(coop, "people")]


def held(person: dict[str, str], day: date) -> set[str]:
    """Keys of the certificates, valid on that day, and of the languages of a person."""
    keys = {meaning("language", word) for word in listed(person["languages"])}
    for cell in listed(person["certificates"]):
        part = CERTIFICATE.fullmatch(cell)
        if part["until"] is None or date.fromisoformat(part["until"]) >= day:
            keys.add(meaning("certificate", part["word"]))
    return keys


def need_key(word: str) -> str:
    kinds = [kind for kind in ("certificate", "language") if (kind, folded(word)) in meanings()]
    assert len(kinds) == 1, word
    return meaning(kinds[0], word)


def openings(job: dict[str, str]) -> list[tuple[int, str, set[str]]]:
    found = []
    for cell in listed(job["openings"]):
        part = OPENING.fullmatch(cell)
        assert part, cell
        needs = {need_key(word.strip()) for word in (part["needs"] or "").split(",") if word}
        found.append((int(part["count"]), meaning("skill", part["skill"]), needs))
    return found


def span(day: date, start: str, end: str) -> tuple[datetime, datetime]:
    begin = datetime.combine(day, time.fromisoformat(start))
    finish = datetime.combine(day, time.fromisoformat(end))
    return begin, finish if finish > begin else finish + timedelta(days=1)


def weekday(word: str) -> int:
    return next(number for number, names in enumerate(WEEKDAYS) if folded(word) in names)


def is_free(windows: list[dict[str, str]], day: date, start: str, end: str) -> bool:
    if any(row["date"] == day.isoformat() and not row["from"] for row in windows):
        return False
    begin, finish = span(day, start, end)
    for row in windows:
        fits = row["date"] == day.isoformat() or (
            row["weekday"] and weekday(row["weekday"]) == day.weekday()
        )
        if fits and row["from"]:
            first, last = span(day, row["from"], row["to"])
            if first <= begin and finish <= last:
                return True
    return False


def able(coop: str, job: dict[str, str], skill: str, needs: set[str]) -> set[str]:
    """Handles of a co-op's agreed people who may fill that opening at that time."""
    day = date.fromisoformat(job["date"])
    windows: dict[str, list[dict[str, str]]] = {}
    for row in load(coop, "availability"):
        windows.setdefault(row["handle"], []).append(row)
    return {
        person["handle"]
        for person in load(coop, "people")
        if person["agreed_on_paper"]
        and skill in {meaning("skill", word) for word in listed(person["skills"])}
        and needs <= held(person, day)
        and is_free(windows.get(person["handle"], []), day, job["start"], job["end"])
    }


def seats(coop: str, job: dict[str, str]) -> tuple[int, int]:
    """Places of a shift, and how many of them the co-op's own people can fill at once."""
    wanted = [able(coop, job, skill, needs) for n, skill, needs in openings(job) for _ in range(n)]
    taken: dict[str, int] = {}

    def place(number: int, tried: set[str]) -> bool:
        for handle in sorted(wanted[number] - tried):
            tried.add(handle)
            if handle not in taken or place(taken[handle], tried):
                taken[handle] = number
                return True
        return False

    return len(wanted), sum(place(number, set()) for number in range(len(wanted)))


@pytest.mark.parametrize("coop", COOPS)
def test_the_files_have_the_columns_of_an_upload(coop):
    for what, header in (
        ("people", PEOPLE),
        ("availability", "handle,weekday,date,from,to"),
        ("jobs", JOBS),
    ):
        for row in load(coop, what):
            assert list(row) == header.split(",")
            assert None not in row.values()


def test_there_are_120_people_each_with_a_handle_of_her_own():
    people = everyone()
    assert Counter(coop for coop, _ in people) == COOPS
    handles = [row["handle"] for _, row in people]
    assert len(set(handles)) == len(handles) == 120
    assert all(re.fullmatch(r"[a-z0-9_]{3,30}", handle) for handle in handles)


def test_at_least_35_people_are_in_three_groups_or_more():
    assert sum(len(set(listed(row["groups"]))) >= 3 for _, row in everyone()) >= 35


def test_everyone_is_in_the_co_op_itself_and_only_in_groups_it_has():
    for coop, row in everyone():
        assert listed(row["groups"])[0] == coop
        assert set(listed(row["groups"])) <= groups_of(coop)


def test_every_group_has_a_leader_and_every_co_op_an_administrator():
    leading = {g for _, r in everyone() if r["role"] == "leader" for g in listed(r["groups"])}
    assert leading == set().union(*(groups_of(coop) for coop in COOPS))
    assert {coop for coop, r in everyone() if r["role"] == "administrator"} == set(COOPS)
    assert {row["role"] for _, row in everyone()} == {"member", "leader", "administrator"}


def test_a_few_people_stand_in_two_files_with_one_telephone():
    files: dict[str, set[str]] = {}
    phones: dict[str, set[str]] = {}
    for coop, row in everyone():
        files.setdefault(row["name"], set()).add(coop)
        phones.setdefault(row["name"], set()).add(row["phone"])
    assert sum(len(coops) == 2 for coops in files.values()) == 5
    assert all(len(numbers) == 1 for numbers in phones.values())


def test_everyone_can_be_reached_and_some_only_by_telephone():
    assert all(row["phone"].startswith("+852 01") for _, row in everyone())
    assert sum(not row["email"] for _, row in everyone()) >= 10
    leaders = [row for _, row in everyone() if row["role"] != "member"]
    assert all(row["email"] for row in leaders)
    assert all(r["email"] in {"", f"{r['handle']}@mail.example"} for _, r in everyone())


def test_most_have_agreed_on_paper_and_a_few_have_not():
    agreed = Counter(bool(row["agreed_on_paper"]) for _, row in everyone())
    assert 3 <= agreed[False] <= 10
    for _, row in everyone():
        assert re.fullmatch(r"(\d{4}-\d\d-\d\d|✓|是|yes)?", row["agreed_on_paper"])
        assert row["adult"] in {"yes", "是"}


@pytest.mark.parametrize("column", KINDS)
def test_every_word_in_the_people_files_is_in_the_vocabulary(column):
    for _, row in everyone():
        for cell in listed(row[column]):
            word = CERTIFICATE.fullmatch(cell)["word"] if column == "certificates" else cell
            assert (KINDS[column], folded(word)) in meanings(), (row["handle"], cell)


def test_everyone_has_skills_a_language_a_known_district_and_sensible_hours():
    for _, row in everyone():
        assert listed(row["skills"])
        assert listed(row["languages"])
        assert ("place", folded(row["district"])) in meanings()
        assert not row["weekly_hours"] or 8 <= Decimal(row["weekly_hours"]) <= 60


@pytest.mark.parametrize("coop", COOPS)
def test_availability_is_of_known_people_on_a_weekday_or_a_date(coop):
    table = load(coop, "availability")
    handles = {row["handle"] for row in load(coop, "people")}
    assert {row["handle"] for row in table} == handles
    for row in table:
        assert bool(row["weekday"]) != bool(row["date"])
        assert bool(row["from"]) == bool(row["to"])
        if row["weekday"]:
            assert weekday(row["weekday"]) in range(7)
            assert row["from"]
        else:
            assert date.fromisoformat(row["date"]) >= BEGIN
        if row["from"]:
            assert row["from"] != row["to"]
            span(BEGIN, row["from"], row["to"])


def test_there_are_twelve_to_eighteen_jobs_within_four_weeks():
    shifts = [(coop, row) for coop in COOPS for row in load(coop, "jobs")]
    assert 12 <= len({(row["title"], row["group"]) for _, row in shifts}) <= 18
    assert BEGIN.weekday() == 0
    for coop, row in shifts:
        assert row["group"] in groups_of(coop)
        assert BEGIN <= date.fromisoformat(row["date"]) < BEGIN + timedelta(weeks=4)
        begin, end = span(BEGIN, row["start"], row["end"])
        assert timedelta(minutes=60 + int(row["break_minutes"])) <= end - begin
        assert end - begin <= timedelta(hours=12)
        assert row["audience"] in {"public", "members", "allies"}
        assert ("place", folded(row["district"])) in meanings()
        assert openings(row)


def test_every_job_pays_at_least_the_minimum_wage_and_names_a_leader_to_ring():
    for coop in COOPS:
        leaders = {(r["name"], r["phone"]) for r in load(coop, "people") if r["role"] == "leader"}
        for row in load(coop, "jobs"):
            assert Decimal(row["pay_per_hour"]) >= Decimal("43.10")
            assert 0 <= Decimal(row["levy_percent"]) <= 15
            assert (row["contact_name"], row["contact_phone"]) in leaders


def test_no_public_word_of_a_job_names_its_customer():
    for coop in COOPS:
        for row in load(coop, "jobs"):
            assert row["customer"] not in row["title"] + row["bring"] + row["district"]


def test_the_story_has_two_shifts_for_five_people_and_own_members_fill_three():
    shifts = [row for row in load("care", "jobs") if row["title"] == STORY]
    assert [seats("care", row) for row in shifts] == [(3, 1), (2, 2)]


def test_the_two_places_left_in_the_story_can_be_filled_from_kwun_tong_alone():
    shift = next(row for row in load("care", "jobs") if row["title"] == STORY)
    count, skill, needs = openings(shift)[0]
    assert (count, skill) == (2, "disinfection-after-discharge")
    assert able("care", shift, skill, needs) == able("green", shift, skill, needs) == set()
    assert len(able("wash", shift, skill, needs)) >= 3


@pytest.mark.parametrize("day", range(5))
def test_who_was_lent_in_the_past_is_able_and_free_on_every_workdays_morning(day):
    morning = {"date": str(BEGIN + timedelta(days=day - 7)), "start": "09:00", "end": "13:00"}
    assert set(LENT) <= able("green", morning, WEEDING, set())


@pytest.mark.parametrize("day", range(7))
def test_the_past_ends_on_a_workday_before_today_whichever_day_it_is(day):
    today = BEGIN + timedelta(days=day)
    worked = last_workday(today)
    assert worked < today
    assert worked.weekday() < 5
    assert beginning(today).date() == worked - timedelta(days=2)
    assert beginning(today).date() >= BEGIN + timedelta(days=day - 5)


@pytest.mark.parametrize("day", range(7))
def test_everybody_who_agreed_on_paper_had_when_the_world_begins_whichever_day_it_is(day):
    today = BEGIN - timedelta(days=7 - day)
    signed = [row["agreed_on_paper"] for _, row in everyone()]
    days = [date.fromisoformat(one) for one in signed if one[:1].isdigit()]
    assert max(days) <= beginning(today).date()


def test_an_expired_certificate_keeps_one_person_out_of_the_story():
    shift = next(row for row in load("care", "jobs") if row["title"] == STORY)
    _, skill, needs = openings(shift)[0]
    assert able("wash", shift, skill, set()) - able("wash", shift, skill, needs)


def test_the_morning_round_can_be_refilled_after_two_sick_calls_on_any_day():
    rounds = [row for row in load("care", "jobs") if row["start"] == "07:30"]
    assert sorted(date.fromisoformat(row["date"]).weekday() for row in rounds) == list(range(7))
    for row in rounds:
        count, skill, needs = openings(row)[0]
        assert len(able("care", row, skill, needs)) >= count + 2, row["date"]


def test_the_big5_file_has_chinese_headings_and_words_we_know():
    raw = (ODD / "people_big5.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    table = list(csv.DictReader(raw.decode("big5").splitlines(), strict=True))
    assert len(table) == 4
    assert {"姓名", "代號", "技能", "證書", "書面同意日期"} <= set(table[0])
    for row in table:
        for cell in re.split("[;、]", row["技能"]):
            assert ("skill", folded(cell)) in meanings()


def test_the_semicolon_file_begins_with_a_mark_and_has_a_line_break_in_a_cell():
    raw = (ODD / "people_semicolon_bom.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8-sig").splitlines(keepends=True)
    table = list(csv.DictReader(lines, delimiter=";", strict=True))
    assert len(table) == 3
    assert any("\n" in row["Skills"] for row in table)
    for row in table:
        for cell in re.split("[,\r\n]+", row["Skills"]):
            assert ("skill", folded(cell)) in meanings()


def test_the_bad_file_has_a_good_row_at_each_end_and_a_fault_in_every_other():
    with (ODD / "people_bad_rows.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == PEOPLE.split(",")
    assert (table[1][1], table[-1][1]) == ("good_first", "good_last")
    assert len(table) == 36
    good = dict(zip(table[0], table[1], strict=True))
    assert meaning("skill", good["skills"]) == "home-care"
