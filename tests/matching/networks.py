"""Small networks with everything in them: groups, allies, teams, distances, what stands already.

`network` takes every decision by one function that picks one of some options, so that hypothesis
can draw and shrink it, and plain chance can make many.
"""

from random import Random

from hypothesis import strategies as st

from matching import (
    Alliance,
    Asked,
    District,
    Group,
    HeldCertificate,
    HeldSkill,
    Interval,
    Opening,
    Problem,
    Requirement,
    Rules,
    Standing,
    Team,
    TeamRule,
    WeekMinutes,
    Worker,
)
from matching.problem import DEFAULT_PRIORITIES

HOUR = 60
DAY = 24 * HOUR
GROUPS = ("care", "wash", "green")
SKILLS = ("lifting", "cooking")
CERTIFICATES = ("first-aid", "food")
LANGUAGES = ("yue", "ar")
# From the first to the second are 1,414.2 m, to the third 5,000; nobody knows where the last is.
DISTRICTS = (District("a", 0, 0), District("b", 1_000, 1_000), District("c", 3_000, -4_000))
HOMES = (None, "a", "b", "c", "nowhere")
WEEKS = (Interval(0, 2 * DAY), Interval(2 * DAY, 9 * DAY))


def network(pick, workers=6, openings=5):
    """One problem with up to so many workers and openings."""
    team = [_worker(pick, f"w{n}") for n in range(workers - pick(range(workers + 1)) // 2)]
    work = [_opening(pick, f"o{n}") for n in range(pick(range(1, openings + 1)))]
    pairs = [(one.id, other.id) for one in team for other in work]
    cap = pick([None, None, 9 * HOUR, 14 * HOUR])
    return Problem(
        id="problem",
        group=pick(["care", "wash"]),
        seed=pick(["a", "b", "c"]),
        workers=tuple(team),
        openings=tuple(work),
        moment=pick([0, 0, 13 * HOUR]),
        rules=Rules(
            rest_minutes=pick([0, 0, 4 * HOUR, 11 * HOUR]), weekly_cap_minutes=cap, weeks=WEEKS
        ),
        groups=tuple(Group(id=one, others=_some(pick, GROUPS)) for one in _some(pick, GROUPS[:2])),
        alliances=tuple(_alliance(pick, f"alliance{n}") for n in range(pick(range(4)))),
        districts=DISTRICTS[: pick([0, 2, 3])],
        teams=tuple(_teams(pick, work)),
        standing=tuple(
            Standing(worker=one, opening=other, kind=pick(["pinned", "planned"]))
            for one, other in _few(pick, pairs)
        ),
        asked=tuple(
            Asked(worker=one, opening=other, state=pick(["invited", "declined"]))
            for one, other in _few(pick, pairs)
        ),
        priorities=_priorities(pick),
    )


def by_chance(number):
    """A network for each number: richer than those hypothesis draws, and it cannot be shrunk."""
    return network(Random(number).choice)


@st.composite
def networks(draw, workers=6, openings=5):
    return network(lambda options: draw(st.sampled_from(options)), workers, openings)


def _some(pick, options):
    return tuple(one for one in options if pick([False, True]))


def _few(pick, pairs):
    return sorted({pick(pairs) for _ in range(pick([0, 1, 3]))}) if pairs else []


def _stretch(pick, days=4):
    start = pick(range(days * 2)) * 12 * HOUR + pick([0, 2, 6]) * HOUR
    return Interval(start, start + pick([3, 4, 5, 9]) * HOUR)


def _worker(pick, name):
    return Worker(
        id=name,
        groups=pick([("care", "wash"), ("green",), _some(pick, GROUPS) or ("wash",)]),
        age_ok=pick([True] * 9 + [False]),
        skills=tuple(
            HeldSkill(pick(SKILLS), pick([3, 1, 0])) for _ in range(pick([3, 3, 2, 1, 0]))
        ),
        certificates=tuple(
            HeldCertificate(pick(CERTIFICATES), pick([None, 2 * DAY, 30 * DAY, None]))
            for _ in range(pick([4, 3, 1, 0]))
        ),
        languages=_some(pick, LANGUAGES),
        free=_windows(pick) if pick([False, False, False, True]) else (Interval(0, 9 * DAY),),
        promised=tuple(_stretch(pick) for _ in range(pick([0, 0, 0, 1, 2]))),
        weeks=tuple(WeekMinutes(week.start, pick([0, 5 * HOUR, 13 * HOUR])) for week in WEEKS)
        if pick([False, False, False, True])
        else (),
        district=pick(HOMES),
        minutes_wanted=pick([20 * HOUR, 4 * HOUR, 0]),
        minutes_had=pick([0, 0, 3 * HOUR, 15 * HOUR]),
        farthest_metres=pick([None] * 6 + [0, 1_413, 1_414, 4_999, 5_000]),
        worked_with=pick([(), (), ("w0", "w9")]),
    )


def _windows(pick):
    """Some windows, of which some touch the next; sometimes none."""
    if pick([False, False, True]):
        return ()
    begins = [day * DAY for day in range(5) if pick([True, True, False])]
    return tuple(Interval(begin, begin + pick([DAY, 15 * HOUR])) for begin in begins)


def _requirement(pick):
    return Requirement(
        skill=pick([*SKILLS, None]),
        level=pick([None, None, None, 1, 2]),
        certificates=pick([()] * 6 + [CERTIFICATES, CERTIFICATES[:1]]),
        languages=pick([()] * 6 + [LANGUAGES, LANGUAGES[:1]]),
    )


def _opening(pick, name):
    return Opening(
        id=name,
        job="job",
        shift=pick(["s1", "s2"]),
        interval=_stretch(pick),
        count=pick([1, 2, 3]),
        requirement=_requirement(pick),
        group=pick([None, "care", "wash"]),
        district=pick(HOMES),
        taken=pick([0, 0, 0, 1]),
        people=pick([(), (), ("w9",)]),
    )


def _alliance(pick, name):
    pairs = [(one, other) for one in GROUPS for other in GROUPS[:2] if one != other]
    lender, borrower = pick(pairs)
    return Alliance(
        id=name,
        lender=lender,
        borrower=borrower,
        minutes_left=pick([100 * HOUR, 9 * HOUR, 5 * HOUR, 4 * HOUR]),
        skills=pick([(), (), ("lifting",), ("lifting", "cooking", "weeding")]),
        owed_minutes=pick([0, 0, 5 * HOUR, -5 * HOUR]),
        notice_minutes=pick([0, 0, 24 * HOUR]),
    )


def _teams(pick, work):
    left = list(work)
    for number in range(pick([0, 1, 1, 2])):
        inside = _some(pick, left)
        left = [one for one in left if one not in inside]
        if inside:
            size = sum(one.count for one in inside)
            yield Team(
                id=f"team{number}",
                openings=tuple(one.id for one in inside),
                rules=tuple(
                    TeamRule(
                        least=min(size, pick([1, 2])),
                        requirement=_requirement(pick),
                        met=pick([0, 0, 0, 1]),
                    )
                    for _ in range(pick([0, 1, 2]))
                ),
                whole=pick([False, False, True]),
            )


def _priorities(pick):
    left = list(DEFAULT_PRIORITIES[1:])
    voted = ["fill"]
    if pick([True, True, False]):
        return DEFAULT_PRIORITIES
    while left:
        voted.append(left.pop(pick(range(len(left)))))
    return tuple(voted)
