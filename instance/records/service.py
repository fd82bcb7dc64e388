"""Hours worked: the feature's door for all others."""

from __future__ import annotations

from instance.records.books import Answer, Statement
from instance.records.entering import Hours, agree, change, dispute, enter, let_go
from instance.records.keeping import confirm, correct, hear_answer, record_hours
from instance.records.models import Side
from instance.records.money import levy_cents, pay_cents, split_cents
from instance.records.reading import (
    count_to_enter,
    count_waiting,
    group_names,
    groups_led,
    hours_of_group,
    my_record,
    payroll,
    record,
    to_enter,
)
from instance.records.statement import Code, HoursState
from instance.records.views import HoursOfGroup, MyRecord, RecordView, ShiftToEnter

__all__ = [
    "Answer",
    "Code",
    "Hours",
    "HoursOfGroup",
    "HoursState",
    "MyRecord",
    "RecordView",
    "ShiftToEnter",
    "Side",
    "Statement",
    "agree",
    "change",
    "confirm",
    "correct",
    "count_to_enter",
    "count_waiting",
    "dispute",
    "enter",
    "group_names",
    "groups_led",
    "hear_answer",
    "hours_of_group",
    "let_go",
    "levy_cents",
    "my_record",
    "pay_cents",
    "payroll",
    "record",
    "record_hours",
    "split_cents",
    "to_enter",
]
