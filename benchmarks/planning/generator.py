"""Problems of a whole network of co-ops, the same for the same seed.

Regions lie 60 km apart. Each has its groups, whose people live in its districts; a quarter belong
to a second group of their region and one in twenty to some far group. Groups are allied as in a
small world (Watts and Strogatz: six neighbours, one tie in ten rewired). Some skills are common and
most are rare (Zipf). Everything lies in one week, on a grid of half hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt

from matching import (
    Alliance,
    District,
    HeldCertificate,
    HeldSkill,
    Interval,
    Opening,
    Problem,
    Requirement,
    Rules,
    Worker,
)

HOUR = 60
DAY = 24 * HOUR
SLOT = 30
SKILLS, CERTIFICATES, LANGUAGES = 30, 4, 3
SKEW = 0.9
DISTRICTS_OF_A_REGION = 20
GROUPS_OF_A_REGION = 25
BETWEEN_REGIONS = 60_000
REGIONS_IN_A_ROW = 30
SPOKEN_BY = (0.8, 0.3, 0.1)
DAYS_OF_HOURS = ((6, 14), (6, 20), (10, 24), (6, 24))

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Size:
    """How many there are; each opening of the network has one to three of `matching`'s."""

    workers: int
    openings: int
    groups: int


SIZES = {
    "S": Size(200, 60, 20),
    "M": Size(5_000, 1_000, 100),
    "L": Size(50_000, 10_000, 500),
    "XL": Size(200_000, 50_000, 2_000),
}


class Network:
    """Who there is and where, drawn once; people, work and alliances are drawn from it."""

    def __init__(self, size: Size, chance: np.random.Generator) -> None:
        regions = max(2, size.groups // GROUPS_OF_A_REGION)
        self.size = size
        self.chance = chance
        self.region = np.arange(size.groups) * regions // size.groups
        self.begins = np.searchsorted(self.region, np.arange(regions + 1))
        self.groups = [f"group{number:04}" for number in range(size.groups)]
        self.districts = [
            [f"district{region:02}-{number:02}" for number in range(DISTRICTS_OF_A_REGION)]
            for region in range(regions)
        ]

    def middles(self) -> list[District]:
        """Lay out the districts of each region around its own middle."""
        around = self.chance.normal(0, 6_000, (len(self.districts), DISTRICTS_OF_A_REGION, 2))
        return [
            District(
                name,
                BETWEEN_REGIONS * (region % REGIONS_IN_A_ROW) + int(east),
                BETWEEN_REGIONS * (region // REGIONS_IN_A_ROW) + int(north),
            )
            for region, names in enumerate(self.districts)
            for name, (east, north) in zip(names, around[region], strict=True)
        ]

    def common(self, shape: tuple[int, ...]) -> Ints:
        """Draw skills by Zipf's law."""
        weights = np.arange(1, SKILLS + 1) ** -SKEW
        return self.chance.choice(SKILLS, size=shape, p=weights / weights.sum())

    def near(self, group: Ints) -> Ints:
        """Draw a group of the same region for each group."""
        first, last = self.begins[self.region[group]], self.begins[self.region[group] + 1]
        return self.chance.integers(first, last)


def made(size: str | Size, load: int = 1, seed: int = 1, *, uneven: bool = False) -> Problem:
    """Draw a problem; `load` multiplies the openings.

    Uneven work comes to some groups much more than to others, and most of it in the morning.
    """
    size = SIZES[size] if isinstance(size, str) else size
    chance = np.random.default_rng([seed, size.workers, size.openings, size.groups])
    network = Network(size, chance)
    return Problem(
        id="week",
        group=network.groups[0],
        seed=f"seed{seed}",
        districts=tuple(network.middles()),
        alliances=tuple(_alliances(network)),
        workers=tuple(_workers(network)),
        openings=tuple(_openings(network, size.openings * load, uneven=uneven)),
        rules=Rules(
            rest_minutes=11 * HOUR, weekly_cap_minutes=40 * HOUR, weeks=(Interval(0, 7 * DAY),)
        ),
    )


def _alliances(network: Network) -> list[Alliance]:
    chance, names = network.chance, network.groups
    pairs = _ties(network)
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    hours = chance.integers(8, 81, len(pairs)).tolist()
    owed = chance.integers(-10, 11, len(pairs)).tolist()
    some = (chance.random(len(pairs)) < 0.5).tolist()
    lent = network.common((len(pairs), 10)).tolist()
    return [
        Alliance(
            id=f"{names[lender]}-{names[borrower]}",
            lender=names[lender],
            borrower=names[borrower],
            minutes_left=hours[number] * HOUR,
            owed_minutes=owed[number] * HOUR,
            skills=tuple(f"skill{one}" for one in lent[number]) if some[number] else (),
        )
        for number, (lender, borrower) in enumerate(pairs.tolist())
    ]


def _ties(network: Network) -> Ints:
    """Tie each group to the three after it, and one tie in ten to any other group."""
    count, chance = network.size.groups, network.chance
    one = np.repeat(np.arange(count), 3)
    step = np.tile([1, 2, 3], count)
    rewired = chance.random(len(one)) < 0.1
    step[rewired] = chance.integers(1, count, int(rewired.sum()))
    pairs = np.sort(np.stack([one, (one + step) % count], axis=1), axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return np.unique(pairs, axis=0)


def _workers(network: Network) -> list[Worker]:
    chance, count = network.chance, network.size.workers
    home = chance.integers(0, network.size.groups, count)
    district = chance.integers(0, DISTRICTS_OF_A_REGION, count).tolist()
    groups = _memberships(network, home)
    skills, free = _skills(network, count), _free(network, count)
    certificates, languages = _certificates(network, count), _languages(network, count)
    wanted = chance.choice([10, 16, 20, 24, 32, 40], count).tolist()
    had = chance.choice([0, 0, 4, 8, 12, 20], count).tolist()
    farthest = chance.choice([10, 15, 20, 30], count).tolist()
    return [
        Worker(
            id=f"worker{number:06}",
            groups=groups[number],
            age_ok=True,
            skills=skills[number],
            certificates=certificates[number],
            languages=languages[number],
            free=free[number],
            district=network.districts[region][district[number]],
            minutes_wanted=wanted[number] * HOUR,
            minutes_had=had[number] * HOUR,
            farthest_metres=farthest[number] * 1_000,
        )
        for number, region in enumerate(network.region[home].tolist())
    ]


def _memberships(network: Network, home: Ints) -> list[tuple[str, ...]]:
    chance, names = network.chance, network.groups
    second, far = chance.random(len(home)) < 0.25, chance.random(len(home)) < 0.05
    held = np.stack([home, network.near(home), chance.integers(0, len(names), len(home))], axis=1)
    there = np.stack([np.ones(len(home), np.bool_), second, far], axis=1)
    return [
        tuple(names[one] for one in compress(row, kept))
        for row, kept in zip(held.tolist(), there.tolist(), strict=True)
    ]


def _skills(network: Network, count: int) -> list[tuple[HeldSkill, ...]]:
    """Draw two or three each; one skill drawn twice is kept once, at the level drawn last."""
    keys = network.common((count, 3)).tolist()
    levels = network.chance.integers(1, 4, (count, 3)).tolist()
    most = network.chance.integers(2, 4, count).tolist()
    names = [f"skill{number}" for number in range(SKILLS)]
    return [
        tuple(
            HeldSkill(names[key], level)
            for key, level in dict(zip(held[:some], level[:some], strict=True)).items()
        )
        for held, level, some in zip(keys, levels, most, strict=True)
    ]


def _certificates(network: Network, count: int) -> list[tuple[HeldCertificate, ...]]:
    """Draw each certificate for a quarter of all; half of those held end within a month."""
    held = (network.chance.random((count, CERTIFICATES)) < 0.25).tolist()
    days = network.chance.integers(0, 60, (count, CERTIFICATES)).tolist()
    return [
        tuple(
            HeldCertificate(f"certificate{key}", None if days > 30 else days * DAY)
            for key, days in compress(enumerate(lasts), has)
        )
        for has, lasts in zip(held, days, strict=True)
    ]


def _languages(network: Network, count: int) -> list[tuple[str, ...]]:
    names = [f"language{number}" for number in range(LANGUAGES)]
    spoken = (network.chance.random((count, LANGUAGES)) < SPOKEN_BY).tolist()
    return [tuple(compress(names, row)) for row in spoken]


def _free(network: Network, count: int) -> list[tuple[Interval, ...]]:
    """Draw each person's kind of day, and on which days of the week she is free."""
    shape = network.chance.integers(0, len(DAYS_OF_HOURS), count).tolist()
    often = network.chance.uniform(0.5, 0.9, (count, 1))
    days = (network.chance.random((count, 7)) < often).tolist()
    return [
        tuple(
            Interval(
                day * DAY + DAYS_OF_HOURS[kind][0] * HOUR, day * DAY + DAYS_OF_HOURS[kind][1] * HOUR
            )
            for day in compress(range(7), row)
        )
        for kind, row in zip(shape, days, strict=True)
    ]


def _openings(network: Network, count: int, *, uneven: bool) -> list[Opening]:
    """Draw shifts; each wants one to three skills, and one or two people of each."""
    chance = network.chance
    group, slot = (_uneven if uneven else _even)(network, count)
    hours = chance.choice([3, 4, 6, 8], count)
    day = chance.integers(0, 7, count)
    start = day * DAY + np.minimum(slot * SLOT, DAY - hours * HOUR)
    wanted = chance.choice([1, 2, 3], count, p=[0.42, 0.43, 0.15])
    district = chance.integers(0, DISTRICTS_OF_A_REGION, count)
    skills = network.common((count, 3)).tolist()
    needs = _needs(network, 3 * count)
    places = chance.integers(1, 3, 3 * count).tolist()
    regions, starts = network.region[group].tolist(), start.tolist()
    ends = (start + hours * HOUR).tolist()
    return [
        Opening(
            id=f"opening{number:06}-{role}",
            job=f"job{number:06}",
            shift=f"shift{number:06}",
            interval=Interval(starts[number], ends[number]),
            count=places[3 * number + role],
            group=network.groups[at],
            requirement=Requirement(skill=f"skill{skill}", **needs[3 * number + role]),
            district=network.districts[regions[number]][district[number]],
        )
        for number, at in enumerate(group.tolist())
        for role, skill in enumerate(dict.fromkeys(skills[number][: wanted[number]]))
    ]


def _even(network: Network, count: int) -> tuple[Ints, Ints]:
    """Draw which groups have shifts, and in which half hours these begin."""
    groups = network.chance.integers(0, network.size.groups, count)
    return groups, network.chance.integers(12, 36, count)


def _uneven(network: Network, count: int) -> tuple[Ints, Ints]:
    chance = network.chance
    weights = chance.lognormal(0, 1, network.size.groups)
    groups = chance.choice(network.size.groups, count, p=weights / weights.sum())
    morning = chance.random(count) < 0.7
    slots = np.where(morning, chance.integers(16, 21, count), chance.integers(12, 36, count))
    return groups, slots


def _needs(network: Network, count: int) -> list[dict[str, object]]:
    """Draw what is asked for besides a skill: mostly nothing."""
    chance = network.chance
    asked = (chance.random((count, 3)) < (0.35, 0.12, 0.25)).tolist()
    level = chance.integers(1, 4, count).tolist()
    certificate = chance.integers(0, CERTIFICATES, count).tolist()
    language = chance.integers(0, LANGUAGES, count).tolist()
    return [
        {
            "level": level[at] if at_level else None,
            "certificates": (f"certificate{certificate[at]}",) if certified else (),
            "languages": (f"language{language[at]}",) if spoken else (),
        }
        for at, (at_level, certified, spoken) in enumerate(asked)
    ]
