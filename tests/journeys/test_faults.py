"""The killings of benchmarks/ run: one small seed, for its twenty large ones take an hour."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import faults

PROGRAM = Path(faults.__file__)
TILL = "http://{}.test/groups/till"


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_killed_hosts_lose_nothing_and_do_nothing_twice(kind):
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "1", "60", f"--{kind}", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    [(killed, amiss)] = re.findall(r"killed +(\d+)  faults (\d+)", done.stdout)
    assert int(killed) > 0
    assert amiss == "0"


def run_of(*lines):
    """Compare ledgers in which one offer from ash to birch left these lines."""
    hosts = [
        faults.Host(name, {"origin": f"http://{name}.test"}, Path(), ()) for name in faults.NAMES
    ]
    run = faults.Run(1, 2, hosts, None, None, None)
    run.offered = [("http://ash.test/activities/1", "birch", 7)]
    found = {name: {"lines": []} for name in faults.NAMES}
    for name, *line in lines:
        found[name]["lines"].append(line)
    run.compare(found)
    return run.faults, run.balances(found)


IRI = "http://ash.test/activities/1"
OFFERED = ("ash", "offered", IRI, TILL.format("birch"), -7)
TAKEN = ("birch", "taken", IRI, TILL.format("ash"), 7)
ANSWERED = ("ash", "answered", IRI, TILL.format("birch"), 0)


def test_what_is_lost_or_done_twice_or_made_up_would_be_found():
    assert run_of(OFFERED, TAKEN, ANSWERED) == ([], True)

    lost, even = run_of(OFFERED, ANSWERED)
    assert (len(lost), even) == (1, False)
    twice, even = run_of(OFFERED, TAKEN, TAKEN, ANSWERED)
    assert (len(twice), even) == (1, False)
    made_up, even = run_of(OFFERED, TAKEN, ANSWERED, ("cedar", "taken", "x", TAKEN[3], 1))
    assert (len(made_up), even) == (1, False)
