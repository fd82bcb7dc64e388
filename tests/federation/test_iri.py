import pytest

from federation.errors import Malformed
from federation.iri import origin_of, same_origin, without_fragment


@pytest.mark.parametrize(
    ("iri", "origin"),
    [
        ("https://coop.example/people/1#main-key", "https://coop.example"),
        ("https://COOP.Example", "https://coop.example"),
        ("HTTPS://coop.example/", "https://coop.example"),
        ("https://coop.example:443/a", "https://coop.example"),
        ("http://coop.example:80/a", "http://coop.example"),
        ("http://coop.example:443/a", "http://coop.example:443"),
        ("https://coop.example:8443?x", "https://coop.example:8443"),
        ("https://coop.example./a", "https://coop.example"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example/a", "https://xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example/a", "https://xn--bcher-kva.example"),
        ("https://faß.example/", "https://xn--fa-hia.example"),
        ("https://[2001:DB8::1]:8443/a", "https://[2001:db8::1]:8443"),
        ("http://127.0.0.1:8804", "http://127.0.0.1:8804"),
        ("https://a_b.example", "https://a_b.example"),
    ],
)
def test_an_origin_is_scheme_host_and_port_in_one_spelling(iri, origin):
    assert origin_of(iri) == origin


@pytest.mark.parametrize(
    "iri",
    [
        "",
        "coop.example",
        "//coop.example/",
        "https:/coop.example/",
        "https:///people",
        "https://",
        "ftp://coop.example/",
        "javascript:alert(1)//https://coop.example/",
        "data:text/html,https://coop.example",
        "acct:ana@coop.example",
        "did:key:z6Mk",
        "https://ana:secret@coop.example/",
        "https://ana@coop.example/",
        "https://@coop.example/",
        "https://coop.example\\@evil.example/",
        "https://coop.example:/",
        "https://coop.example:0/",
        "https://coop.example:65536/",
        "https://coop.example:+80/",
        "https://coop.example:٣/",
        "https://coop.example:80:80/",
        "https://coop%2eexample/",
        "https://coop..example/",
        "https://-coop.example/",
        "https://.coop.example/",
        "https://coop.example../",
        "https://coop,example/",
        "https://coop.example／evil/",  # noqa: RUF001 - a slash that is none
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://[not-an-address]/",
        " https://coop.example/",
        "https://coop.example/\n",
        "https://coop\t.example/",
        "https://coop.example\x00.evil.example/",
        "https://" + "a" * 64 + ".example/",
        "https://coop.example/" + "a" * 2048,
    ],
)
def test_what_has_no_plain_http_origin_is_malformed(iri):
    with pytest.raises(Malformed):
        origin_of(iri)
    assert not same_origin(iri, iri)


def test_two_ids_share_an_origin_however_their_host_is_spelt():
    assert same_origin("https://bücher.example/1", "https://XN--BCHER-KVA.example:443/2#k")
    assert not same_origin("https://coop.example/1", "http://coop.example/1")
    assert not same_origin("https://coop.example/1", "https://coop.example:8443/1")
    assert not same_origin("https://coop.example/1", "https://coop.example.evil.example/1")


def test_a_homograph_is_another_origin():
    assert not same_origin("https://coop.example/1", "https://cооp.example/1")  # noqa: RUF001 - two Cyrillic letters


def test_the_document_of_a_key_is_its_id_without_the_fragment():
    assert without_fragment("https://coop.example/people/1#main-key") == (
        "https://coop.example/people/1"
    )
    assert without_fragment("https://coop.example/people/1") == "https://coop.example/people/1"
