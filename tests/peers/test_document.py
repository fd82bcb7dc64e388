"""That FEDERATION.md says what the program does."""

import json
import re

import pytest

from federation import answers
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


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))
def test_every_example_is_json(block):
    decoder, position, block = json.JSONDecoder(), 0, block.strip()
    while position < len(block):
        _, position = decoder.raw_decode(block, position)
        position += len(block[position:]) - len(block[position:].lstrip())


def test_all_tables_of_the_handshake_are_there():
    assert len(re.findall(r"^\| (?:promise|placement|place) is \| ", TEXT, re.MULTILINE)) == 5
