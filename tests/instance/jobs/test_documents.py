"""What stands in a job's documents: enough for everybody, and nothing of the customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import PUBLIC, Iri
from instance.jobs import documents, heard
from instance.jobs.models import Audience, JobState
from instance.jobs.views import JobView, OpeningView, ShiftView
from instance.jobs.wording import clean, parts_of
from instance.skills import service as skills

JOB = Iri("https://care.example/jobs/abc")
GROUP = Iri("https://care.example/groups/xyz")
BEGIN = datetime(2027, 1, 4, tzinfo=UTC)
ZONES = ["Asia/Hong_Kong", "Europe/Lisbon", "America/St_Johns"]
WORDS = {kind: [one.key for one in skills.vocabulary().terms(kind)] for kind in skills.KINDS}
SECRET = st.uuids().map(lambda one: f"secret {one}")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)


@st.composite
def an_opening(draw, shift, number):
    return OpeningView(
        iri=Iri(f"{JOB}#o{number}"),
        shift_id=shift,
        skill=draw(st.sampled_from(WORDS["skill"])),
        level=draw(st.integers(0, 3)),
        certificates=tuple(
            draw(st.lists(st.sampled_from(WORDS["certificate"]), max_size=3, unique=True))
        ),
        languages=tuple(
            draw(st.lists(st.sampled_from(WORDS["language"]), max_size=3, unique=True))
        ),
        count=draw(st.integers(1, 200)),
    )


@st.composite
def a_shift(draw, number):
    start = BEGIN + timedelta(minutes=draw(st.integers(0, 500_000)))
    iri = Iri(f"{JOB}#s{number}")
    return ShiftView(
        id=iri,
        start=start,
        end=start + timedelta(minutes=draw(st.integers(15, 24 * 60))),
        timezone=draw(st.sampled_from(ZONES)),
        called_off=False,
        openings=tuple(
            draw(an_opening(iri, number * 10 + n)) for n in range(draw(st.integers(1, 3)))
        ),
    )


@st.composite
def a_job(draw):
    shifts = tuple(draw(a_shift(n)) for n in range(1, draw(st.integers(1, 3)) + 1))
    return JobView(
        iri=JOB,
        group=GROUP,
        title=draw(TEXT.filter(str.strip)),
        description=draw(TEXT),
        language=draw(st.sampled_from(["en", "zh-Hant"])),
        district=draw(st.sampled_from(["", "sha-tin-district"])),
        audience=draw(st.sampled_from(list(Audience))),
        pay_cents_per_hour=draw(st.integers(0, 1_000_000)),
        currency="HKD",
        worker_percent=90,
        insurance_percent=0,
        levy_percent=10,
        fund_percent=0,
        break_minutes=draw(st.integers(0, 480)),
        bring=draw(SECRET),
        contact_name=draw(SECRET),
        contact_phone=draw(SECRET),
        customer=draw(SECRET),
        customer_phone=draw(SECRET),
        address=draw(SECRET),
        door=draw(SECRET),
        shifts=shifts,
        published=BEGIN,
        updated=BEGIN + timedelta(seconds=draw(st.integers(0, 1000))),
        state=JobState.OPEN,
        lot_seed="0" * 64,
        decision="d",
    )


@given(a_job(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(job, exact):
    posting = documents.posting_of(job, exact=exact)
    written = documents.write_posting(posting, to=[PUBLIC])
    sent = msgspec.json.decode(msgspec.json.encode(written))

    assert heard.read_posting(sent) == posting
    assert heard.is_job(sent)


@given(a_job())
@settings(max_examples=60, deadline=None)
def test_no_byte_of_the_customer_stands_in_a_document_for_others(job):
    private = [
        job.customer,
        job.customer_phone,
        job.address,
        job.door,
        job.contact_name,
        job.contact_phone,
        job.bring,
        job.lot_seed,
    ]
    written = [documents.job_document(job, audience=one, to=[GROUP]) for one in Audience]
    written.append(documents.proposal_document(documents.posting_of(job, exact=False)))
    for document in written:
        text = msgspec.json.encode(document).decode()
        assert [one for one in private if one in text] == []


@given(a_job())
@settings(max_examples=60, deadline=None)
def test_exact_hours_are_for_members(job):
    for audience in Audience:
        written = documents.job_document(job, audience=audience, to=[GROUP])
        told = {key for shift in written["shifts"] for key in shift}
        assert ({"startTime", "endTime"} <= told) is (audience is Audience.MEMBERS)
    public = documents.job_document(job, audience=Audience.PUBLIC)
    twin = documents.proposal_document(documents.posting_of(job, exact=False))
    for shift in job.shifts:
        for moment in (shift.start, shift.end):
            stamp = moment.strftime("%Y-%m-%dT%H:%M")
            said = msgspec.json.encode([public | {"endTime": "", "published": "", "updated": ""}])
            assert stamp not in said.decode()
            assert (
                stamp
                not in msgspec.json.encode(
                    twin | {"endTime": "", "published": "", "updated": ""}
                ).decode()
            )


def job(**more):
    opening = OpeningView(Iri(f"{JOB}#o1"), Iri(f"{JOB}#s1"), "home-carer", count=2)
    start = datetime(2027, 1, 9, 1, tzinfo=UTC)
    shift = ShiftView(
        opening.shift_id, start, start + timedelta(hours=4), "Asia/Hong_Kong", False, (opening,)
    )
    plain = {
        "iri": JOB,
        "group": GROUP,
        "title": "First day home",
        "description": "Settle in.\n\nTwice.",
        "language": "en",
        "district": "sha-tin-district",
        "audience": Audience.PUBLIC,
        "pay_cents_per_hour": 7550,
        "currency": "HKD",
        "worker_percent": 100,
        "insurance_percent": 0,
        "levy_percent": 0,
        "fund_percent": 0,
        "break_minutes": 15,
        "bring": "shoes",
        "contact_name": "Mei",
        "contact_phone": "+852",
        "customer": "Ho",
        "customer_phone": "+853",
        "address": "Fir 8",
        "door": "4711",
        "shifts": (shift,),
        "published": BEGIN,
        "updated": BEGIN,
        "state": JobState.OPEN,
        "lot_seed": "0",
        "decision": "d",
    }
    return JobView(**{**plain, **more})


def test_a_public_job_is_a_note_that_microblogs_read():
    note = documents.job_document(job(), audience=Audience.PUBLIC)

    assert (note["type"], note["to"], note["cc"]) == ("Note", [PUBLIC], [f"{GROUP}/followers"])
    assert not {"actor", "href", "target", "items", "inReplyTo"} & note.keys()
    assert note["content"].startswith(
        "<p><strong>First day home</strong></p><p>Settle in.</p><p>Twice.</p>"
    )
    assert "Sat, 9 January, morning, afternoon: 2 × Home carer" in note["content"]  # noqa: RUF001
    assert "Sha Tin · HK$75.50 an hour" in note["content"]
    assert next(iter(note["contentMap"])) == "en"
    assert note["contentMap"]["en"] == note["content"]
    assert note["interactionPolicy"] == {"canQuote": {"automaticApproval": [PUBLIC]}}
    assert note["endTime"] == "2027-01-09T16:00:00Z"


def test_a_job_carries_the_marketplaces_keys():
    note = documents.job_document(job(), audience=Audience.PUBLIC)

    assert note["purpose"] == "request"
    assert note["publishes"]["id"] == f"{JOB}#primary"
    assert note["publishes"]["resourceConformsTo"] == "https://care.example/ns/skills#home-carer"
    assert note["publishes"]["availableQuantity"] == {"hasUnit": "hour", "hasNumericalValue": "8"}
    assert note["reciprocal"]["resourceQuantity"] == {"hasUnit": "one", "hasNumericalValue": "75.5"}
    link = note["tag"][0]
    assert (link["type"], link["href"], link["rel"]) == (
        "Link",
        f"{JOB}/proposal",
        documents.PROPOSAL,
    )
    assert [one["name"] for one in note["tag"][1:]] == ["#CoopJobs", "#HomeCarer"]


def test_the_twin_has_an_id_of_its_own_and_the_notes_intent():
    twin = documents.proposal_document(documents.posting_of(job(), exact=False))

    assert (twin["type"], twin["id"]) == ("Proposal", f"{JOB}/proposal")
    assert twin["publishes"]["id"] == f"{JOB}#primary"
    assert heard.is_job(twin)


def test_a_job_in_chinese_is_told_in_chinese_first():
    note = documents.job_document(job(language="zh-Hant"), audience=Audience.PUBLIC)

    assert list(note["contentMap"]) == ["zh-Hant", "en"]
    assert note["contentMap"]["zh-Hant"] == note["content"]
    assert note["location"]["name"] == "沙田區"


def test_a_confirmed_person_is_told_everything_she_needs():
    one = job()
    event = documents.details_document(one, one.shifts[0], Iri("https://home.example/people/ana"))

    assert (event["type"], event["to"]) == ("Event", ["https://home.example/people/ana"])
    assert (event["address"], event["door"], event["customer"]) == ("Fir 8", "4711", "Ho")
    assert (event["startTime"], event["endTime"]) == (
        "2027-01-09T01:00:00Z",
        "2027-01-09T05:00:00Z",
    )
    again = documents.details_document(one, one.shifts[0], Iri("https://home.example/people/ana"))
    other = documents.details_document(one, one.shifts[0], Iri("https://home.example/people/eva"))
    assert event["id"] == again["id"] != other["id"]
    assert "ana" not in event["id"]


@pytest.mark.parametrize(
    ("start", "hours", "parts"),
    [
        ((2027, 1, 9, 1), 3, ("morning",)),
        ((2027, 1, 9, 1), 4, ("morning", "afternoon")),
        ((2027, 1, 9, 3, 30), 4, ("morning", "afternoon")),
        ((2027, 1, 9, 11), 3, ("evening",)),
        ((2027, 1, 9, 14), 7, ("night",)),
        ((2027, 1, 8, 20), 2, ("morning", "night")),
    ],
)
def test_a_day_has_four_parts(start, hours, parts):
    begin = datetime(*start, tzinfo=UTC)
    assert parts_of(begin, begin + timedelta(hours=hours), "Asia/Hong_Kong") == parts


HOSTILE = [
    "<script>alert(1)</script><p>x</p>",
    "<p onclick=alert(1)>x</p>",
    '<a href="javascript:alert(1)">x</a>',
    "<img src=x onerror=alert(1)>",
    "<svg><style><a id='</style><img src=x onerror=alert(1)>'>",
    "<iframe src=//evil.example></iframe>",
    '<p style="position:fixed">x</p>',
]


@pytest.mark.parametrize("html", HOSTILE)
def test_html_from_elsewhere_is_cleaned(html):
    note = documents.job_document(job(), audience=Audience.PUBLIC)
    posting = heard.read_posting(note | {"content": html, "contentMap": {"en": html}})
    cleaned = posting.content("en")

    for evil in ("<script", "onclick", "onerror=", "javascript:", "<img", "<iframe", "style="):
        assert evil not in cleaned.replace("&lt;", "").lower() or "&lt;" in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": "ftp://care.example/jobs/1"},
        {"attributedTo": None},
        {"published": "yesterday"},
        {"shifts": [{"id": f"{JOB}#s1", "timezone": "Mars/Olympus", "day": "2027-01-09"}]},
        {"shifts": [{"id": "https://evil.example/x#s1", "timezone": "UTC", "day": "2027-01-09"}]},
        {"shifts": [{"id": f"{JOB}#s1", "timezone": "UTC", "day": "2027-01-09"}] * 61},
        {"shifts": [{"id": f"{JOB}#s1", "timezone": "UTC", "day": "soon"}]},
        {"content": "x" * 70_000},
        {
            "reciprocal": {
                "resourceConformsTo": "urn:iso:std:iso:4217:HKD",
                "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1e9999"},
            }
        },
    ],
)
def test_what_cannot_be_a_job_is_refused(change):
    note = documents.job_document(job(), audience=Audience.PUBLIC)
    with pytest.raises(Exception) as refused:  # noqa: PT011  ValueError or Malformed
        heard.read_posting(note | change)
    assert type(refused.value).__name__ in {"ValueError", "Malformed"}


def test_a_proposal_of_another_server_is_read():
    posting = heard.read_posting(
        {
            "id": "https://mitra.example/objects/1",
            "type": "Proposal",
            "purpose": "request",
            "attributedTo": ["https://mitra.example/users/ann"],
            "name": "Two bricklayers",
            "content": "<p>Bricks</p>",
            "published": "2027-01-01T00:00:00Z",
            "publishes": {
                "type": "Intent",
                "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1"},
            },
        }
    )

    assert (posting.title, posting.contents, posting.shifts) == (
        "Two bricklayers",
        (("und", "<p>Bricks</p>"),),
        (),
    )
    assert posting.until == datetime(2027, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("document", "yes"),
    [
        ({"type": "Note", "content": "hello"}, False),
        ({"type": "Note", "purpose": "request", "publishes": {"type": "Intent"}}, True),
        ({"type": "Note", "purpose": "offer", "publishes": {"type": "Intent"}}, False),
        ({"type": "vf:Proposal", "purpose": "request"}, True),
        ({"type": "ValueFlows:Proposal", "purpose": "request"}, True),
        ({"type": documents.PROPOSAL, "purpose": "request"}, True),
        ({"type": "Question", "purpose": "request", "publishes": {}}, False),
    ],
)
def test_a_job_is_recognised_by_what_it_says(document, yes):
    assert heard.is_job(document) is yes
