"""The pictures that the documents show, drawn from a small made-up week.

`.venv/bin/python -m tests.pictures.draw` writes them; a test holds the files to what it writes.
"""

from __future__ import annotations

from pathlib import Path

from matching import (
    Alliance,
    AllyCapacity,
    Asked,
    CapacityCount,
    District,
    Group,
    HeldSkill,
    Interval,
    Opening,
    Problem,
    Requirement,
    Rules,
    Worker,
    plan,
)
from matching.coverage import coverage_of
from matching.draw_alliances import draw_alliances
from matching.draw_coverage import Words as HoursWords
from matching.draw_coverage import draw_coverage
from matching.draw_neighbours import draw_neighbours
from matching.draw_priorities import draw_priorities, points_of
from matching.draw_rotation import draw_rotation
from matching.draw_spread import draw_spread
from matching.exchange import exchanges_of
from matching.neighbours import neighbours_of
from matching.report import exchanges, report
from matching.rotation import rotate

FOLDER = Path(__file__).parent
HOUR, DAY = 60, 24 * 60
MONDAY = 4
"""The number of 5 January 1970, which was one."""

DAYS = {MONDAY + n: day for n, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))}
CARE, WASH, GREEN = "Shatin Care", "Kwun Tong Wash", "Green Hands"

SHIFTS = (
    ("Mon morning", 0, 8, 12, "care", 6),
    ("Mon afternoon", 0, 13, 17, "care", 4),
    ("Tue", 1, 9, 17, "care", 7),
    ("Wed washing", 2, 10, 14, "laundry", 3),
    ("Thu night", 3, 20, 30, "care", 2),
    ("Fri", 4, 8, 16, "care", 6),
    ("Sat", 5, 9, 12, "laundry", 4),
)
"""Each shift: its name, its day, when it begins and ends, the skill and how many are wanted."""

PEOPLE = {
    "Mei": (CARE, "care"), "Ana": (CARE, "care"), "Bo": (CARE, "care"), "Chi": (CARE, "care"),
    "Dan": (CARE, "laundry"), "Eva": (GREEN, "care"), "Fay": (WASH, "care"), "Gus": (WASH, "care"),
    "Hoi": (CARE, "laundry"),
}  # fmt: skip


def week() -> Problem:
    """Make up a week of one group, with another group of its leader and two allies."""
    start = MONDAY * DAY
    return Problem(
        id="week",
        group=CARE,
        seed="week",
        groups=(Group(id=CARE, others=(GREEN,)),),
        rules=Rules(rest_minutes=11 * HOUR),
        openings=tuple(
            Opening(
                id=name,
                job="job",
                shift=name,
                interval=Interval(
                    start + day * DAY + first * HOUR, start + day * DAY + last * HOUR
                ),
                count=wanted,
                requirement=Requirement(skill=skill),
                taken=1,
                people=("Mei",) if skill == "care" else (),
            )
            for name, day, first, last, skill, wanted in SHIFTS
        ),
        workers=tuple(
            Worker(
                id=name,
                groups=(group,),
                age_ok=True,
                skills=(HeldSkill(skill, 1),),
                free=(Interval(start, start + 6 * DAY),),
                minutes_wanted=20 * HOUR,
            )
            for name, (group, skill) in PEOPLE.items()
        ),
        alliances=(
            Alliance(
                id="by name", lender=WASH, borrower=CARE, minutes_left=30 * HOUR, owed_minutes=-360
            ),
            Alliance(
                id="back", lender=CARE, borrower=WASH, minutes_left=14 * HOUR, owed_minutes=-120
            ),
        ),
        allies=(
            AllyCapacity(
                group="Moss & Fern",
                alliance="by counts",
                minutes_left=40 * HOUR,
                counts=(
                    CapacityCount(
                        skill="care",
                        window=Interval(start, start + 6 * DAY),
                        at_least=1,
                        label="1–2",  # noqa: RUF001  the label as agreed between allies
                    ),
                ),
            ),
        ),
        asked=(Asked(worker="Ana", opening="Fri", state="invited"),),
    )


def half_a_year() -> Problem:
    """Make up ten people who are alike and share three places a week."""
    return Problem(
        id="half a year",
        group=CARE,
        seed="half a year",
        rules=Rules(),
        openings=tuple(
            Opening(
                id=f"o{day}",
                job="job",
                shift=f"o{day}",
                interval=Interval(day * DAY + 8 * HOUR, day * DAY + 12 * HOUR),
                count=1,
                requirement=Requirement(),
            )
            for day in range(3)
        ),
        workers=tuple(
            Worker(
                id=f"w{number}",
                groups=(CARE,),
                age_ok=True,
                free=(Interval(0, 7 * DAY),),
                minutes_wanted=20 * HOUR,
            )
            for number in range(10)
        ),
    )


def near_and_far() -> Problem:
    """Make up a week of people who live the further the less they had lately."""
    start = MONDAY * DAY
    districts = tuple(District(f"d{number}", 2_500 * number, 0) for number in range(8))
    return Problem(
        id="near and far",
        group=CARE,
        seed="near and far",
        rules=Rules(rest_minutes=11 * HOUR),
        districts=districts,
        openings=tuple(
            Opening(
                id=f"o{day}",
                job="job",
                shift=f"o{day}",
                interval=Interval(start + day * DAY + 8 * HOUR, start + day * DAY + 12 * HOUR),
                count=2,
                requirement=Requirement(),
                district="d0",
            )
            for day in range(4)
        ),
        workers=tuple(
            Worker(
                id=f"w{number}",
                groups=(CARE,),
                age_ok=True,
                free=(Interval(start, start + 6 * DAY),),
                minutes_wanted=20 * HOUR,
                minutes_had=(8 - number) * HOUR,
                district=f"d{number}",
            )
            for number in range(8)
        ),
    )


def pictures() -> dict[str, str]:
    """Draw every picture of the documents, by the name of its file."""
    asked = week()
    made = plan(asked)
    ways = near_and_far()
    shared = report(ways, plan(ways)).everybody
    drawn = {
        "hours-of-a-week.svg": draw_coverage(
            coverage_of(asked, made), HoursWords(days=DAYS), range(MONDAY, MONDAY + 7)
        ),
        "near-an-opening.svg": draw_neighbours(neighbours_of(asked, made, "Fri")),
        "hours-between-allies.svg": draw_alliances(exchanges_of(asked, made)),
        "rotation-of-half-a-year.svg": draw_rotation(rotate(half_a_year())),
        "how-evenly-hours-go.svg": draw_spread(shared.before, shared.spread),
        "even-hours-and-short-ways.svg": draw_priorities(
            points_of(exchanges(ways), ways.priorities)
        ),
    }
    return {name: _on_paper(picture) for name, picture in drawn.items()}


def _on_paper(picture: str) -> str:
    """Lay white paper under a picture, which has none: documents are read on dark pages, too."""
    return picture.replace("</desc>\n", '</desc>\n<rect width="100%" height="100%" fill="#fff"/>\n')


if __name__ == "__main__":
    for name, picture in pictures().items():
        (FOLDER / name).write_text(picture, encoding="utf-8")
