"""The table of the benchmark of matching says what was reached and what was missed."""

from __future__ import annotations

import runpy
from pathlib import Path

from benchmarks.planning import parts
from benchmarks.planning.table import Line, filled, sooner, text

PROGRAM = Path(__file__).parent.parent / "benchmarks" / "matching.py"


def test_a_line_is_held_against_its_target():
    assert not sooner("fast", 0.5, 6.0, 12).missed
    assert sooner("slow", 0.51, 6.0, 12).missed
    assert not filled("full", 999, 1_000, 0.999).missed
    assert filled("less full", 998, 1_000, 0.999).missed
    assert not Line("small", 2_048, "MB", target=2_048, most=True).missed
    assert Line("large", 2_049, "MB", target=2_048, most=True).missed
    assert not Line("told only", 1).missed


def test_a_line_is_written_with_what_it_stands_beside():
    assert text(sooner("fast", 0.5, 6.0, 12)).split() == [
        "fast", "500.0", "ms", "6.00", "s", "12", "at", "least", "12", "ok",
    ]  # fmt: skip
    assert text(Line("large", 2_049, "MB", target=2_048, most=True)).split() == [
        "large", "2,049", "MB", "at", "most", "2048", "MISSED",
    ]  # fmt: skip


def test_the_program_checks_only_the_parts_that_were_named(monkeypatch, capsys):
    asked = []

    def part(name, *lines):
        def measure(largest):
            asked.append((name, largest))
            yield from lines

        return measure

    monkeypatch.setattr(
        parts,
        "PARTS",
        {
            "good": part("good", sooner("fast", 1, 2, 1)),
            "bad": part("bad", sooner("slow", 2, 1, 1)),
        },
    )
    main = runpy.run_path(str(PROGRAM))["main"]
    assert main(["good", "--check"]) == 0
    assert main(["bad"]) == 0
    assert main(["good", "bad", "--check", "--size", "XL"]) == 1
    assert asked == [("good", False), ("bad", False), ("good", True), ("bad", True)]
    assert "1 of 2 reach their targets." in capsys.readouterr().out
