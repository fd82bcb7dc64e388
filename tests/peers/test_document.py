"""That FEDERATION.md says what the program does."""

import ast
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from federation import answers
from federation.errors import FederationError
from federation.limits import TooMany
from instance.agenda.promises import HOLD
from instance.agenda.standing import BEFORE_START
from instance.groups.sharing import AHEAD, REFRESH
from instance.labour import CODES
from instance.loans.refusals import REFUSALS
from instance.records.activities import CLOCKS_DIFFER
from instance.records.statement import Code
from instance.staffing.placements import IN_TIME
from tests.peers.table import COMMAND, DOCUMENT, written_anew

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_generated_parts_are_current():
    assert written_anew(TEXT) == TEXT, f"write FEDERATION.md anew: {COMMAND}"


def test_the_document_has_the_two_lists_of_fep_67ff():
    for heading in ("## Supported federation protocols and standards", "## Supported FEPs"):
        assert heading in TEXT
    line = re.compile(r"^- \[FEP-([0-9a-f]{4}): .+\]\(https://w3id\.org/fep/\1\)", re.MULTILINE)
    feps = line.findall(TEXT)
    assert len(feps) == len(set(feps)) > 5


def test_the_table_of_answers_is_the_one_we_follow():
    rows = re.findall(r"^\| ([0-9, ]+) \| final for this activity", TEXT, re.MULTILINE)

    assert {int(one) for row in rows for one in row.split(", ")} == set(answers._FINAL)


def test_the_tables_of_our_answers_have_every_status_that_we_answer():
    tables = re.findall(r"^\| our answer to a .*?\n\n", TEXT, re.MULTILINE | re.DOTALL)
    cells = re.findall(r"^\| ([2-5][0-9, ]+)", "".join(tables), re.MULTILINE)
    listed = {int(one) for cell in cells for one in cell.strip(", ").split(", ")}

    refusals = {one.status for one in _below(FederationError)} | {TooMany.status, 202}
    assert refusals - listed == set()


def _below(kind):
    return {one for found in kind.__subclasses__() for one in (found, *_below(found))}


def test_every_code_that_is_told_is_explained():
    """Codes are given as plain strings to whatever moves a promise, a placement or a loan."""
    told = {one.value for one in Code}
    for feature in ("agenda", "staffing", "loans"):
        for path in (INSTANCE / feature).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _called(node) in TELLING:
                    told |= _words_in(node)

    assert {"declined", "moved", "taken_back", "terms.ended"} <= told
    assert told - CODES.keys() - REFUSALS.keys() - NOT_TOLD == set()


INSTANCE = Path(__file__).resolve().parents[2] / "instance"
TELLING = set("_act _answered act call_off_all call_off finish refuse Conflict _say".split())
NOT_TOLD = {"place.named", "done"}
WORD = re.compile(r"[a-z]+([._][a-z]+)*")


def _called(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _words_in(call):
    values = [*call.args, *(one.value for one in call.keywords if one.arg == "code")]
    words = {one.value for one in values if isinstance(one, ast.Constant)}
    return {one for one in words if isinstance(one, str) and WORD.fullmatch(one)}


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))
def test_every_example_is_json(block):
    decoder, position, block = json.JSONDecoder(), 0, block.strip()
    while position < len(block):
        _, position = decoder.raw_decode(block, position)
        position += len(block[position:]) - len(block[position:].lstrip())


def test_whatever_the_document_leads_to_is_there():
    headings = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    there = {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) - there == set()


def test_the_times_that_are_told_are_those_of_the_program():
    minute, day = timedelta(minutes=1), timedelta(days=1)
    told = {
        f"Our homes hold for {HOLD // minute} minutes",
        f"less than {BEFORE_START // minute} minute before the shift",
        f"the hold lasts {IN_TIME // minute} minute",
        f"{IN_TIME // minute} minute after `replyBy`",
        f"ours reach {AHEAD // day // 7} weeks ahead and come anew every {REFRESH // day} days",
        f"begins more than {'an hour' if 60 * minute == CLOCKS_DIFFER else CLOCKS_DIFFER} from now",
    }
    plain = TEXT.replace("\n", " ")

    assert {one for one in told if one not in plain} == set()


def test_all_tables_of_the_handshake_are_there():
    assert len(re.findall(r"^\| (?:promise|placement|place) is \| ", TEXT, re.MULTILINE)) == 5
