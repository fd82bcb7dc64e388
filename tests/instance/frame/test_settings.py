"""Settings: one file, overruled by variables, every mistake named."""

from __future__ import annotations

import pytest

from instance.settings import SettingsError, load

GOOD = """
origin = "https://coop.example"
name = "Coop"
database = "sqlite+aiosqlite:///coop.db"
"""


def a_file(tmp_path, text=GOOD):
    path = tmp_path / "ayni.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_enough(tmp_path):
    settings = load(a_file(tmp_path), {})

    assert (settings.origin, settings.language, settings.host) == (
        "https://coop.example",
        "en",
        "coop.example",
    )


def test_a_variable_overrules_the_file(tmp_path):
    assert load(a_file(tmp_path), {"AYNI_NAME": "Other", "AYNI_SMTP_PORT": "25"}).smtp_port == 25


def test_a_secret_is_read_from_a_file_of_its_own(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("hidden\n", encoding="utf-8")

    settings = load(a_file(tmp_path), {"AYNI_SMTP_PASSWORD_FILE": str(secret)})

    assert settings.smtp_password == "hidden"
    with pytest.raises(
        SettingsError, match=r"AYNI_DATABASE_FILE: .*nowhere cannot be read: No such"
    ):
        load(a_file(tmp_path), {"AYNI_DATABASE_FILE": str(tmp_path / "nowhere")})


def test_an_unknown_key_names_the_nearest_known_one(tmp_path):
    with pytest.raises(SettingsError, match="databse; did you mean database"):
        load(a_file(tmp_path, GOOD + 'databse = "x"\n'), {})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('language = "de"', "en or zh-Hant or ar"),
        ('policy = "mars"', "policy is generic or hk"),
        ('timezone = "Hong Kong"', "timezone is an IANA name"),
        ('timezone = "/etc/passwd"', "timezone is an IANA name"),
        ('listen = "8080"', "HOST:PORT"),
        ("smtp_port = true", "has to be a number"),
        ('plain_http = "perhaps"', "has to be bool"),
        ("name = ", "Invalid value"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(tmp_path, line, reason):
    text = GOOD.replace('name = "Coop"\n', "") if line.startswith("name") else GOOD

    with pytest.raises(SettingsError, match=reason):
        load(a_file(tmp_path, text + line + "\n"), {})


@pytest.mark.parametrize(
    "origin", ["ftp://coop.example", "https://coop.example/path", "https://Coop.example", "coop"]
)
def test_an_origin_is_scheme_and_host_and_nothing_else(tmp_path, origin):
    with pytest.raises(SettingsError, match="origin"):
        load(a_file(tmp_path, GOOD.replace("https://coop.example", origin)), {})


def test_plain_http_has_to_be_meant(tmp_path):
    text = GOOD.replace("https://", "http://")

    with pytest.raises(SettingsError, match="plain_http"):
        load(a_file(tmp_path, text), {})
    assert load(a_file(tmp_path, text), {"AYNI_PLAIN_HTTP": "yes"}).plain_http


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(SettingsError, match="missing: origin, database"):
        load(a_file(tmp_path, 'name = "Coop"\n'), {})
