from matching import Alliance, AllyCapacity, plan
from matching.exchange import Exchange, Hours, exchanges_of
from tests.matching.worlds import HOUR, opening, problem, worker


def alliance(lender, borrower, hours, **more):
    name = f"{lender}-{borrower}"
    return Alliance(id=name, lender=lender, borrower=borrower, minutes_left=hours * HOUR, **more)


def test_a_plan_promises_what_it_borrows_and_the_rest_is_left():
    asked = problem(
        [worker("bo", groups=("green",))], [opening()], alliances=(alliance("green", "care", 9),)
    )
    way = Hours(promised=4 * HOUR, left=5 * HOUR)
    assert exchanges_of(asked, plan(asked)) == (Exchange(here="care", there="green", borrows=way),)
    (before,) = exchanges_of(asked)
    assert before.borrows == Hours(left=9 * HOUR)


def test_both_ways_of_an_alliance_are_one_exchange_as_the_asking_group_sees_it():
    both = (alliance("green", "care", 9), alliance("care", "green", 3, owed_minutes=-2 * HOUR))
    (found,) = exchanges_of(problem([], [], alliances=both))
    assert (found.here, found.there) == ("care", "green")
    assert (found.borrows, found.lends) == (
        Hours(left=9 * HOUR),
        Hours(owed=2 * HOUR, left=3 * HOUR),
    )


def test_allies_of_whom_only_counts_are_known_have_their_hours_too():
    ally = AllyCapacity(group="wash", alliance="treaty", minutes_left=HOUR, owed_minutes=-HOUR)
    (found,) = exchanges_of(problem([], [], allies=(ally,)))
    assert found == Exchange(here="care", there="wash", borrows=Hours(owed=HOUR, left=HOUR))
    assert found.borrows.total == 2 * HOUR


def test_two_others_stand_as_the_borrower_sees_them():
    (found,) = exchanges_of(problem([], [], alliances=(alliance("moss", "fern", 1),)))
    assert (found.here, found.there, found.lends) == ("fern", "moss", None)


def test_two_alliances_of_one_pair_owe_once_and_leave_what_both_leave():
    one = alliance("green", "care", 2, owed_minutes=-HOUR)
    other = Alliance(
        id="z", lender="green", borrower="care", minutes_left=3 * HOUR, owed_minutes=-HOUR
    )
    (found,) = exchanges_of(problem([], [], alliances=(one, other)))
    assert found.borrows == Hours(owed=HOUR, left=5 * HOUR)
