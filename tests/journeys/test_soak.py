"""The soak of benchmarks/ runs: a few requests, for its hundred thousand take minutes."""

import re
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "soak.py"


def test_a_short_soak_finds_no_fault_and_nothing_unverified():
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "200"],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )

    said = dict(re.findall(r"^(.+?)\s{2,}(.+)$", done.stdout, re.MULTILINE))
    assert said["5xx that are faults"] == "0"
    assert said["stored, not verified"] == "0"
