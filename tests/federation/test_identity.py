"""Whose an actor is, by keys that belong to people and not to servers (FEP-c390)."""

from datetime import UTC, datetime

import pytest

from federation import identities_of, state_identity
from federation.keypool import make_keys
from federation.proofs import sign_document

ANA = "https://remote.example/users/ana"
KEYS, OTHERS = make_keys(), make_keys()
SUBJECT = f"did:key:{KEYS.ed25519.public.multibase}"


def statement(actor=ANA, key=KEYS.ed25519, method=SUBJECT, **changes):
    said = {"type": "VerifiableIdentityStatement", "subject": SUBJECT, "alsoKnownAs": actor}
    return sign_document(said | changes, key, method, datetime(2027, 1, 4, tzinfo=UTC))


def actor(*attached, **more):
    return {"id": ANA, "type": "Person", "attachment": list(attached), **more}


@pytest.mark.parametrize(
    "fragment", ["", f"#{KEYS.ed25519.public.multibase}"], ids=["the key", "with a fragment"]
)
def test_a_statement_by_the_key_itself_proves_it(fragment):
    note = {"type": "PropertyValue", "name": "Web", "value": "x"}
    stated = statement(method=SUBJECT + fragment)

    assert identities_of(actor(note, stated)) == {SUBJECT}
    assert identities_of(actor(attachment=stated)) == {SUBJECT}


def test_what_is_stated_here_proves_it():
    said = state_identity(ANA, KEYS.ed25519, datetime(2027, 1, 4, tzinfo=UTC))
    assert identities_of(actor(said)) == {SUBJECT}
    assert (said["subject"], said["proof"]["verificationMethod"]) == (SUBJECT, SUBJECT)


@pytest.mark.parametrize(
    "stated",
    [
        statement("https://remote.example/users/bo"),
        statement() | {"alsoKnownAs": ANA, "note": "added"},
        statement(key=OTHERS.ed25519),
        statement(subject=f"did:key:{OTHERS.ed25519.public.multibase}"),
        statement(subject=7),
        statement(subject="did:web:remote.example", method="did:web:remote.example"),
        statement(subject="did:key:nonsense", method="did:key:nonsense"),
        statement(
            subject=f"did:key:{KEYS.rsa.public.multibase}",
            method=f"did:key:{KEYS.rsa.public.multibase}",
        ),
        {name: value for name, value in statement().items() if name != "proof"},
        statement() | {"type": "Note"},
        "nonsense",
        None,
    ],
)
def test_attack_a_statement_that_proves_nothing(stated):
    assert identities_of(actor(stated)) == frozenset()


def test_an_actor_without_attachments_has_none():
    assert identities_of({"id": ANA}) == frozenset()
    assert identities_of({"id": ANA, "attachment": "x"}) == frozenset()


def test_attack_more_statements_than_are_looked_at():
    forged = [statement(key=OTHERS.ed25519)] * 10
    assert identities_of(actor(*forged, statement())) == frozenset()
