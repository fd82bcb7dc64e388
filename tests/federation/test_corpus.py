"""Documents of other servers of the fediverse: what they really send is read, and no trick."""

import json
from pathlib import Path

import pytest

from federation.activity import Activity, refuse_tricks

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def documents():
    """Return the documents of other servers, by the path they lie at."""
    found = {}
    for path in sorted(CORPUS.rglob("*.json")):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(document, dict) and path.name != "index.json":
            found[str(path.relative_to(CORPUS))] = document
    if not found:
        pytest.skip("the corpus of other servers' documents is not beside this project")
    return found


def test_nothing_that_other_servers_send_is_taken_for_a_trick():
    for document in documents().values():
        refuse_tricks(document)


def test_the_activities_that_other_servers_send_are_read():
    read = 0
    for document in documents().values():
        ids = (document.get("id"), document.get("actor"))
        if "object" in document and all(str(one).startswith("http") for one in ids):
            assert Activity.read(document).id == document["id"]
            read += 1

    assert read > 20
