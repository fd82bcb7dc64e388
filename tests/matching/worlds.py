"""Small problems: by hand, and drawn by hypothesis."""

from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from matching import (
    AllyCapacity,
    Asked,
    CapacityCount,
    Group,
    HeldCertificate,
    HeldSkill,
    Interval,
    Opening,
    Problem,
    Requirement,
    Rules,
    WeekMinutes,
    Worker,
)

few = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

HOUR = 60
DAY = 24 * HOUR
WEEK = Interval(0, 7 * DAY)
MORNING = Interval(8 * HOUR, 12 * HOUR)
AFTERNOON = Interval(13 * HOUR, 17 * HOUR)
ALL_WEEK = (WEEK,)


def worker(name="mei", **changes):
    given = {
        "id": name,
        "groups": ("care",),
        "age_ok": True,
        "skills": (HeldSkill("lifting", 2),),
        "free": ALL_WEEK,
        "minutes_wanted": 20 * HOUR,
    }
    return Worker(**(given | changes))


def opening(name="o1", interval=MORNING, *, skill="lifting", **changes):
    requirement = {
        key: changes.pop(key) for key in ("level", "certificates", "languages") if key in changes
    }
    given = {
        "id": name,
        "job": "job",
        "shift": f"shift-of-{name}",
        "interval": interval,
        "count": 1,
        "requirement": Requirement(skill=skill, **requirement),
    }
    return Opening(**(given | changes))


def problem(workers=(), openings=(), **changes):
    given = {
        "id": "problem",
        "group": "care",
        "seed": "seed",
        "openings": tuple(openings),
        "workers": tuple(workers),
        "rules": Rules(),
        "groups": (Group(id="care", others=("wash",)),),
    }
    return Problem(**(given | changes))


def crowded(number):
    """A week in which everybody could do much and there is too much to do; one for each number."""
    chance = Random(number)
    keys = ("a", "b", "c")
    team = [
        worker(
            f"w{n:02}",
            groups=chance.choice([("care",), ("care",), ("wash",)]),
            skills=tuple(HeldSkill(key) for key in chance.sample(keys, 2)),
            free=tuple(Interval(d * DAY, (d + 1) * DAY) for d in range(7) if chance.random() < 0.7),
            minutes_wanted=chance.choice([5, 12, 20, 40]) * HOUR,
            minutes_had=chance.choice([0, 0, 3, 9]) * HOUR,
            district=chance.choice(["shatin", "tai-po"]),
        )
        for n in range(12)
    ]
    work = []
    for n in range(22):
        start = chance.randrange(7) * DAY + chance.choice([7, 10, 14]) * HOUR
        interval = Interval(start, start + chance.choice([3, 4, 8]) * HOUR)
        count = chance.randint(1, 3)
        work.append(opening(f"o{n:02}", interval, skill=chance.choice(keys), count=count))
    rules = Rules(rest_minutes=11 * HOUR, weekly_cap_minutes=20 * HOUR, weeks=(WEEK,))
    return problem(team, work, rules=rules, seed=str(number))


def people(made):
    """Who is suggested for which opening, without the reasons."""
    return {(one.opening, one.worker) for one in made.assignments}


starts = st.integers(0, 13).map(lambda half_day: half_day * 12 * HOUR + 6 * HOUR)
stretches = st.builds(
    lambda start, hours: Interval(start, start + hours * HOUR), starts, st.sampled_from([3, 5, 9])
)
wide = st.builds(lambda start, days: Interval(start, start + days * DAY), starts, st.integers(1, 7))
skills = st.sampled_from(["lifting", "cooking", "driving"])
districts = st.sampled_from([None, "shatin", "tai-po"])


@st.composite
def workers(draw, name):
    promised = draw(st.lists(stretches, max_size=2))
    return Worker(
        id=name,
        groups=tuple(draw(st.sets(st.sampled_from(["care", "wash"]), min_size=1))),
        age_ok=draw(st.integers(0, 9)) > 0,
        skills=tuple(
            HeldSkill(key, draw(st.integers(0, 3))) for key in draw(st.sets(skills, min_size=1))
        ),
        certificates=tuple(
            HeldCertificate("first-aid", draw(st.sampled_from([None, 3 * DAY, 30 * DAY])))
            for _ in range(draw(st.integers(0, 1)))
        ),
        languages=tuple(draw(st.sets(st.sampled_from(["yue", "ar"])))),
        free=tuple(draw(st.lists(wide, max_size=2))),
        promised=tuple(promised),
        weeks=(WeekMinutes(0, draw(st.sampled_from([0, 30 * HOUR]))),),
        district=draw(districts),
        minutes_wanted=draw(st.sampled_from([0, 4 * HOUR, 20 * HOUR])),
        minutes_had=draw(st.sampled_from([0, 0, 3 * HOUR, 15 * HOUR])),
    )


@st.composite
def openings(draw, name):
    return Opening(
        id=name,
        job="job",
        shift=draw(st.sampled_from(["s1", "s2"])),
        interval=draw(stretches),
        count=draw(st.integers(1, 3)),
        requirement=Requirement(
            skill=draw(skills),
            level=draw(st.sampled_from([None, None, 2])),
            certificates=draw(st.sampled_from([(), (), ("first-aid",)])),
            languages=draw(st.sampled_from([(), (), ("yue",)])),
        ),
        district=draw(districts),
        taken=draw(st.sampled_from([0, 0, 0, 1])),
    )


@st.composite
def problems(draw):
    team = [draw(workers(f"w{n}")) for n in range(draw(st.integers(0, 7)))]
    work = [draw(openings(f"o{n}")) for n in range(draw(st.integers(1, 5)))]
    pairs = [(one.id, other.id) for one in team for other in work]
    asked = draw(st.sets(st.sampled_from(pairs), max_size=2)) if pairs else set()
    halves = [Interval(n * DAY, n * DAY + DAY) for n in range(9)]
    return Problem(
        id="problem",
        group="care",
        seed=draw(st.sampled_from(["a", "b"])),
        workers=tuple(team),
        openings=tuple(work),
        groups=(Group(id="care", others=("wash",)),),
        rules=Rules(
            rest_minutes=draw(st.sampled_from([0, 11 * HOUR])),
            weekly_cap_minutes=draw(st.sampled_from([None, 12 * HOUR, 35 * HOUR])),
            weeks=(WEEK, Interval(7 * DAY, 14 * DAY)),
        ),
        asked=tuple(
            Asked(worker=one, opening=other, state=draw(st.sampled_from(["invited", "declined"])))
            for one, other in sorted(asked)
        ),
        allies=tuple(
            AllyCapacity(
                group=f"ally{n}",
                alliance=f"alliance{n}",
                minutes_left=draw(st.sampled_from([0, 40 * HOUR])),
                counts=tuple(
                    CapacityCount(skill="lifting", window=half, at_least=1, label="1–2")  # noqa: RUF001  the label as agreed
                    for half in halves
                ),
            )
            for n in range(draw(st.integers(0, 2)))
        ),
    )
