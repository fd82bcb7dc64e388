"""Peers and blocks from the command line."""

from __future__ import annotations

import re
import sqlite3

import pytest

from tests.instance.commands.test_commands import init, run


@pytest.fixture
def config(tmp_path):
    folder = tmp_path / "care"
    init(folder)
    return folder / "ayni.toml"


@pytest.fixture
def rows(config):
    connection = sqlite3.connect(config.parent / "ayni.db")
    yield connection
    connection.close()


def test_a_domain_is_blocked_listed_and_let_in_again(config):
    done = run("block", "add", "Spam.example", "--reason", "Spam.", "--config", config)
    assert "spam.example is blocked." in done
    more = ("--limit", "--reason", "Loud.", "--config", config)
    assert "is limited." in run("block", "add", "https://loud.example/users/eve", *more)

    listed = run("block", "list", "--config", config)
    assert "spam.example: blocked" in listed
    assert "Loud." in listed
    run("block", "remove", "spam.example", "--config", config)
    assert "spam.example" not in run("block", "list", "--config", config)


def test_what_is_no_domain_is_not_blocked(config):
    for subject in ("care.example", "no domain", "@eve@spam.example"):
        asked = ("block", "add", subject, "--reason", "Spam.", "--config", config)
        assert "Write a domain" in run(*asked, code=1)
    assert "nothing here" in run("block", "remove", "spam.example", "--config", config, code=1)


def test_only_an_administrator_decides(config, rows):
    rows.execute("DELETE FROM rights WHERE role = 'administrator'")
    rows.commit()
    asked = ("--reason", "Spam.", "--config", config)

    assert "Nobody administers" in run("block", "add", "spam.example", *asked, code=1)
    output = run("block", "add", "spam.example", "--as", "ines", *asked, code=1)
    assert "nothing here" in output


def test_peers_alone_lists_them(config, monkeypatch):
    assert "0 servers" in run("peers", "--config", config)
    monkeypatch.setenv("AYNI_CONFIG", str(config))
    assert "0 servers" in run("peers")


def test_peers_are_listed_tried_and_forgotten(config, rows):
    moment = "2026-11-22 08:00:00.000000"
    rows.execute(
        "INSERT INTO federation_peers (origin, in_until, out_until, next_try, failing_since)"
        f" VALUES ('https://far.example', '{moment}', '{moment}', '{moment}', '{moment}')"
    )
    rows.execute(
        "INSERT INTO federation_outbox (seq, id, sender, public, body, published) VALUES"
        f" (1, 'https://care.example/activities/1', 'x', 0, x'7b7d', '{moment}')"
    )
    rows.execute(
        "INSERT INTO federation_deliveries (seq, peer, recipient, conversation, state, next_try,"
        " status, reason) VALUES (1, 'https://far.example', 'https://far.example/users/a', 'talk',"
        f" 'ready', '{moment}', 0, 'the peer cannot be reached')"
    )
    rows.commit()

    listed = run("peers", "list", "--state", "unreachable", "--config", config)
    assert re.search(r"https://far.example: 1 waiting for \d+ days, never heard", listed)
    assert "not reached since 2026-11-22 08:00: Their server cannot be reached." in listed
    assert "0 servers" in run("peers", "list", "--find", "near", "--config", config)
    tried = run("peers", "retry", "https://far.example", "--config", config)
    assert "Being tried now: 1 message." in tried
    dropped = run("peers", "forget", "Far.example", "--yes", "--config", config)
    assert "Dropped: 1 message." in dropped
    assert "0 waiting" in run("peers", "list", "--config", config)
    assert "nothing here" in run("peers", "retry", "https://x.example", "--config", config, code=1)
