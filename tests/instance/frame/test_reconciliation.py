"""Which kinds two instances compare, and that the document for strangers names them."""

import re
from pathlib import Path

import pytest

from instance.app import RECEIVERS
from instance.reconciliation import kind_of

FEDERATION = Path(__file__).parents[3] / "FEDERATION.md"


async def test_the_document_for_strangers_names_every_kind_that_is_compared(world):
    running = await world.instance("care")

    table = FEDERATION.read_text(encoding="utf-8").partition("<!-- kinds:")[2]
    named = re.findall(r"^\| `(\w+)` \|", table.partition("<!-- end of kinds")[0], re.MULTILINE)
    assert named == running.federation.kinds.names


def test_all_that_is_received_is_compared_but_posts_and_what_is_said_about_them():
    verbs = {"Join", "Leave", "Offer", "Invite", "Remove", "Add", "Move"}
    left_out = {one.types for one in RECEIVERS if kind_of(one.types) is None}

    assert not [types for types in left_out if verbs & set(types)]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"type": "Join", "object": "https://x.example/groups/1"}, "memberships"),
        ({"type": "Remove", "object": "https://x.example/people/1"}, "memberships"),
        ({"type": "Accept", "object": {"type": "Join", "object": "x"}}, "memberships"),
        ({"type": "Delete", "object": {"type": "Tombstone", "formerType": "DataShare"}}, "shares"),
        ({"type": "Invite", "object": {"type": "Group"}}, "memberships"),
        ({"type": "Invite", "object": {"type": "Commitment"}}, "promises"),
        ({"type": "Delete", "object": {"type": "Tombstone", "formerType": "Event"}}, "details"),
        ({"type": "Create", "object": {"type": "Note"}}, None),
        ({"type": "Follow", "object": "https://x.example/groups/1"}, None),
        ({"type": "Update", "object": {"type": "Group"}}, None),
    ],
)
async def test_what_is_said_is_sorted_as_it_will_be_when_heard(world, said, kind):
    running = await world.instance("care")
    nested = {**said, "id": "https://x.example/1", "actor": "https://x.example/groups/1"}
    if isinstance(said["object"], dict) and said["object"]["type"] == "Join":
        nested["object"] = {**said["object"], "actor": "https://x.example/people/1"}

    assert running.federation.kinds.of(nested) == kind
