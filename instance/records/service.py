"""Hours worked: the feature's door for all others."""

from __future__ import annotations

from instance.records.books import Answer, Statement
from instance.records.checkins import (
    FORGET_CHECK_IN,
    Arrival,
    CheckInView,
    at_door,
    check_in,
    check_in_of,
    forget_check_in,
    hear_check_in,
    here_among,
    leave,
    record_check_in,
    take_try,
)
from instance.records.checkins import REASONS as CHECK_IN_REASONS
from instance.records.door_views import AtDoor, DoorSheet, ShiftHere
from instance.records.doors import FORGET_CODE, door_sheet, forget_code, make_codes
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
    pay_lines,
    payroll,
    record,
    to_enter,
)
from instance.records.statement import Code, HoursState
from instance.records.views import HoursOfGroup, MyRecord, RecordView, ShiftToEnter

__all__ = [
    "CHECK_IN_REASONS",
    "FORGET_CHECK_IN",
    "FORGET_CODE",
    "Answer",
    "Arrival",
    "AtDoor",
    "CheckInView",
    "Code",
    "DoorSheet",
    "Hours",
    "HoursOfGroup",
    "HoursState",
    "MyRecord",
    "RecordView",
    "ShiftHere",
    "ShiftToEnter",
    "Side",
    "Statement",
    "agree",
    "at_door",
    "change",
    "check_in",
    "check_in_of",
    "confirm",
    "correct",
    "count_to_enter",
    "count_waiting",
    "dispute",
    "door_sheet",
    "enter",
    "forget_check_in",
    "forget_code",
    "group_names",
    "groups_led",
    "hear_answer",
    "hear_check_in",
    "here_among",
    "hours_of_group",
    "leave",
    "let_go",
    "levy_cents",
    "make_codes",
    "my_record",
    "pay_cents",
    "pay_lines",
    "payroll",
    "record",
    "record_check_in",
    "record_hours",
    "split_cents",
    "take_try",
    "to_enter",
]
