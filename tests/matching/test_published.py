"""Small problems from the literature, with the answers that were published."""

import matching
from matching import HeldSkill
from tests.matching.worlds import opening, people, problem, worker


def test_kuhns_four_individuals_take_three_of_four_jobs():
    """H. W. Kuhn, The Hungarian method for the assignment problem (1955), section 2.

    Individual 1 qualifies for jobs 1, 2 and 3; 2 for 3 and 4; 3 and 4 for job 4 alone. Individual 1
    and jobs 3 and 4 cover every qualification, so nobody can assign more than three.
    """
    qualifies = {"1": "123", "2": "34", "3": "4", "4": "4"}
    team = [
        worker(one, skills=tuple(HeldSkill(f"job{job}") for job in jobs))
        for one, jobs in qualifies.items()
    ]
    asked = problem(team, [opening(f"o{job}", skill=f"job{job}") for job in "1234"])
    made = matching.plan(asked)
    assert len(made.assignments) == made.at_most == matching.bound(asked) == 3
    assert {("o3", "2")} < people(made)
    assert [(one.places, one.reason.code) for one in made.unfilled] == [(1, "all_needed_elsewhere")]
