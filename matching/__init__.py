"""Who could do this work, and what is a fair plan? Values in, values out, and nothing else.

`plan` answers a `Problem` with a `Plan`; `reasons_for` says of one opening why each other person is
not suggested. Both are pure: no clock, no chance, no database. A plan suggests; people decide.
The picture of a problem is in `matching.graph`, which loads networkx, and the drawing of a plan in
`matching.draw`.
"""

from matching.explain import reasons_for
from matching.intervals import Interval
from matching.model import (
    DEFAULT_PRIORITIES,
    RULE_VERSION,
    AllyCapacity,
    AllyOption,
    Asked,
    Assignment,
    CapacityCount,
    HeldCertificate,
    HeldSkill,
    Opening,
    PassedOver,
    Plan,
    Problem,
    Reason,
    Requirement,
    RuledOut,
    Rules,
    Unfilled,
    WeekMinutes,
    Worker,
)
from matching.reading import (
    UnreadableProblem,
    plan_from_json,
    problem_from_json,
    problem_hash,
    to_json,
)
from matching.solve import plan

__all__ = [
    "DEFAULT_PRIORITIES",
    "RULE_VERSION",
    "AllyCapacity",
    "AllyOption",
    "Asked",
    "Assignment",
    "CapacityCount",
    "HeldCertificate",
    "HeldSkill",
    "Interval",
    "Opening",
    "PassedOver",
    "Plan",
    "Problem",
    "Reason",
    "Requirement",
    "RuledOut",
    "Rules",
    "Unfilled",
    "UnreadableProblem",
    "WeekMinutes",
    "Worker",
    "plan",
    "plan_from_json",
    "problem_from_json",
    "problem_hash",
    "reasons_for",
    "to_json",
]
