"""The list of checks that are taken out in turn covers every attack, and finds its code."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAM = runpy.run_path(str(ROOT / "benchmarks" / "attacks.py"))
CHECKS = PROGRAM["CHECKS"]


def test_every_attack_has_a_check_that_is_taken_out():
    assert sorted(PROGRAM["ATTACKS"]) == list(range(1, 28))
    assert {one.attack for one in CHECKS} == set(PROGRAM["ATTACKS"])


def test_every_attack_has_a_test_by_its_number():
    text = "".join((ROOT / one).read_text(encoding="utf-8") for one in PROGRAM["TESTS"])
    numbers = {int(one) for one in re.findall(r"def test_([0-9]{2})_", text)}
    assert numbers == set(PROGRAM["ATTACKS"])


@pytest.mark.parametrize("check", CHECKS, ids=lambda one: f"{one.attack}-{one.name}")
def test_the_code_of_a_check_is_found_once(check):
    for change in check.changes:
        text = (ROOT / change.path).read_text(encoding="utf-8")
        assert text.count(change.old) == 1, change
        compile(text.replace(change.old, change.new), change.path, "exec")
