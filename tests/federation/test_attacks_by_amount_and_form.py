"""Known attacks by how much is asked for, and by how something is written."""

import pytest

from federation.activity import Activity
from federation.errors import Malformed
from federation.iri import origin_of, same_origin
from tests.federation.host import AS2, activity


async def test_12_a_receiver_gets_no_more_documents_fetched_than_it_may_need(
    small,
):
    here, evil = await small.host(), await small.remote("evil")
    eve = await small.actor(evil, "eve")

    async def receive(_tx, _received):
        pass

    def needs(_activity):
        return [f"{evil.origin}/reply/{number}" for number in range(21)]

    here.federation.on("Like", "Note", receiver=receive, needs=needs)
    await evil.post(f"{here.origin}/inbox", activity(eve, "Like"), signer=eve)
    await small.settle()

    assert [path for path, _ in evil.fetches] == ["/users/eve"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://EXAMPLE.org/a", "https://example.org/b"),
        ("https://example.org./a", "https://example.org/b"),
        ("https://example.org:443/a", "https://example.org/b"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/b"),
        ("https://\uff45xample.org/a", "https://example.org/b"),
    ],
)
def test_13_one_host_written_in_two_ways_is_one(one, other):
    assert same_origin(one, other)


def test_13_two_hosts_that_look_alike_are_two():
    cyrillic = "https://ex\u0430mple.org/a"

    assert not same_origin(cyrillic, "https://example.org/a")
    assert origin_of(cyrillic).startswith("https://xn--")


def test_26_a_document_that_is_not_an_activity_is_not_read_as_one():
    with pytest.raises(Malformed):
        Activity.read({"@context": AS2, "id": "https://a.example/1", "type": "Note"})
