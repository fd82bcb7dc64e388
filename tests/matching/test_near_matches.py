import pytest

from matching import Asked, District, HeldCertificate, HeldSkill
from matching.attributes import Attribute, with_attribute
from matching.eligibility import Circumstances, first_failing
from matching.near import NearMatch, near_matches
from tests.matching.networks import by_chance
from tests.matching.worlds import AFTERNOON, HOUR, Interval, opening, problem, worker

MATCHING = {"missing_skill", "skill_level", "missing_certificate", "certificate_expires"}


@pytest.mark.parametrize("number", range(80))
def test_a_near_match_is_hers_once_she_has_what_is_missing_and_not_before(number):
    asked = by_chance(number)
    now = Circumstances.of(asked)
    openings = {one.id: one for one in asked.openings}
    for who in asked.workers:
        near = {one.opening: one.missing for one in near_matches(asked, who.id)}
        for name, missing in near.items():
            assert first_failing(who, openings[name], now) is not None
            assert first_failing(with_attribute(who, missing), openings[name], now) is None
        able = {one.id for one in asked.openings if first_failing(who, one, now) is None}
        assert not able & set(near)


def test_she_is_told_how_many_requirements_she_meets_and_which_is_missing():
    who = worker(certificates=(HeldCertificate("aid"),), languages=("en",))
    work = opening(level=2, certificates=("aid",), languages=("en", "yue"))
    missing = Attribute(kind="language", key="yue")
    near = NearMatch(opening="o1", met=4, asked=5, missing=missing, metres=None)
    assert near_matches(problem([who], [work]), "mei") == (near,)


def test_a_skill_she_lacks_with_a_level_asked_for_is_two_requirements():
    who = worker(skills=(HeldSkill("cooking", 1),))
    assert near_matches(problem([who], [opening(level=1)]), "mei") == ()
    (near,) = near_matches(problem([who], [opening()]), "mei")
    assert (near.met, near.asked) == (0, 1)
    (low,) = near_matches(problem([who], [opening(skill="cooking", level=2)]), "mei")
    assert (low.met, low.asked, low.missing.kind) == (1, 2, "level")


@pytest.mark.parametrize(
    ("who", "work", "more"),
    [
        (worker(groups=("elsewhere",)), opening(skill="cooking"), {}),
        (worker(free=(AFTERNOON,)), opening(skill="cooking"), {}),
        (worker(promised=(Interval(9 * HOUR, 10 * HOUR),)), opening(skill="cooking"), {}),
        (worker(age_ok=False), opening(skill="cooking"), {}),
        (worker(), opening(skill="cooking", taken=1), {}),
        (
            worker(),
            opening(skill="cooking"),
            {"asked": (Asked(worker="mei", opening="o1", state="declined"),)},
        ),
    ],
)
def test_what_she_could_not_come_to_is_no_near_match(who, work, more):
    assert near_matches(problem([who], [work], **more), "mei") == ()
    assert near_matches(problem([worker()], [opening(skill="cooking")]), "mei")


def test_the_nearest_comes_first_and_what_is_of_unknown_distance_last():
    middles = (District("home", 0, 0), District("far", 900, 0), District("near", 40, 0))
    work = [
        opening(name, skill="cooking", district=place)
        for name, place in (("a", None), ("b", "far"), ("c", "near"), ("d", "home"))
    ]
    asked = problem([worker(district="home")], work, districts=middles)
    found = [(one.opening, one.metres) for one in near_matches(asked, "mei")]
    assert found == [("d", 0), ("c", 40), ("b", 900), ("a", None)]


def test_who_is_not_in_the_problem_has_no_near_matches():
    with pytest.raises(KeyError):
        near_matches(problem([worker()], [opening()]), "nobody")
