"""The command line, from nothing to an instance that is looked after."""

import asyncio
import json
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from instance import cli
from instance.commands import checkup, setup
from instance.settings import Settings, load

ROOT = Path(__file__).parents[3]
HEAD = "name,handle,phone,skills,adult,agreed_on_paper\n"
MEI = "陳美玲,mei,+852 0103 0001,Home care,yes,yes\n"


def run(*arguments, code=0):
    done = CliRunner().invoke(cli.main, [str(one) for one in arguments])
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


def init(folder, *more, origin="https://care.example", code=0):
    return run(
        *("init", folder, "--origin", origin, "--name", "Care “沙田”"),
        *("--group", "care", "--admin", "ines", *more),
        code=code,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One instance, made once; tests add to it."""
    folder = tmp_path_factory.mktemp("made") / "care"
    return folder, init(folder)


@pytest.fixture
def config(made):
    return made[0] / "ayni.toml"


def people_csv(tmp_path, text):
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_init_makes_settings_that_its_owner_alone_reads_and_prints_the_first_link(made):
    folder, output = made
    path = folder / "ayni.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    settings = load(path, {})
    assert (settings.origin, settings.name) == ("https://care.example", "Care “沙田”")
    assert not settings.plain_http
    link = output.strip().splitlines()[-1]
    assert re.fullmatch(r"https://care\.example/sign-in/[\w-]{43}", link)
    with sqlite3.connect(folder / "ayni.db") as rows:
        roles = {role for (role,) in rows.execute("SELECT role FROM rights")}
        (firsts,) = rows.execute("SELECT count(*) FROM groups WHERE first").fetchone()
    rows.close()
    assert roles == {"administrator", "leader", "member"}
    assert firsts == 1


def test_init_refuses_a_folder_that_holds_an_instance_and_says_what_to_do(made):
    before = (made[0] / "ayni.toml").read_bytes()
    output = init(made[0], code=1)
    assert "exists" in output
    assert "ayni serve --config" in output
    assert (made[0] / "ayni.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("origin", "more", "said"),
    [
        ("http://care.localhost:8101", [], "Add --plain-http"),
        ("http://care.example", [], "Use https"),
        ("http://care.example", ["--plain-http"], "for a trial at"),
        ("https://care.localhost", ["--loopback"], "for a trial at"),
        ("ftp://care.example", [], "origin"),
        ("https://care.example/path", [], "origin has to be written"),
    ],
)
def test_init_refuses_an_origin_that_would_not_work(tmp_path, origin, more, said):
    assert said in init(tmp_path / "care", *more, origin=origin, code=1)
    assert not (tmp_path / "care" / "ayni.toml").exists()


def test_init_refuses_a_handle_that_is_kept_for_the_program(tmp_path):
    asked = ("--origin", "https://care.example", "--name", "Care", "--group", "care")
    output = run("init", tmp_path / "care", *asked, "--admin", "admin", code=1)
    assert "admin is kept for the program itself" in output
    assert not (tmp_path / "care").exists()


@pytest.mark.parametrize("loopback", [True, False])
def test_plain_http_and_peers_on_this_machine_are_two_settings(tmp_path, loopback):
    given = {"origin": "http://care.localhost:8101", "name": "Care"}
    more = {"plain_http": True, "loopback_peers": loopback}
    settings = setup.settings_for(tmp_path, given | more)
    assert settings.plain_http
    assert settings.loopback_peers is loopback
    assert settings.listen == "127.0.0.1:8101"


def test_the_commands_of_the_readme_make_an_instance(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [command] = re.findall(r"^\./ayni (init .+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    run(*shlex.split(command))
    assert load(tmp_path / "coop" / "ayni.toml", {}).origin == "https://coop.example"


def test_rows_and_folder_are_for_the_servers_user_alone(made):
    folder, _ = made
    assert folder.stat().st_mode & 0o077 == 0
    assert [one.name for one in folder.iterdir() if one.stat().st_mode & 0o077] == []


def test_what_a_failed_init_left_behind_does_not_stop_the_next(tmp_path):
    folder = tmp_path / "care"
    asked = ("--origin", "https://care.example", "--name", "Care", "--admin", "ines")
    assert "is taken" in run("init", folder, *asked, "--group", "ines", code=1)
    assert (folder / "ayni.db").exists()
    assert "/sign-in/" in run("init", folder, *asked, "--group", "care")


def test_rows_without_their_settings_are_not_founded_again(made, tmp_path):
    rows = f"sqlite+aiosqlite:///{made[0] / 'ayni.db'}"
    output = init(tmp_path / "again", "--database", rows, code=1)
    assert "put the settings back" in output


def test_settings_are_written_so_that_they_read_in_again(tmp_path):
    odd = 'Ca"re\\ \n\t\x7f沙田'
    settings = Settings(
        origin="https://care.example",
        name=odd,
        database="sqlite+aiosqlite:///x.db",
        smtp_port=25,
        smtp_password="a'b\"c",
        policy="hk",
    )
    setup.write_settings(tmp_path / "ayni.toml", settings)
    assert tomllib.loads((tmp_path / "ayni.toml").read_text())["name"] == odd
    assert load(tmp_path / "ayni.toml", {}) == settings


def test_people_are_imported_exported_and_let_in(config, tmp_path):
    path = people_csv(tmp_path, HEAD + MEI)
    asked = ("--config", config, "--group", "care")
    dry = run("import", "people", path, *asked, "--dry-run")
    assert "+ line 2, 陳美玲 (mei) created" in dry
    assert "Would be: 1 created, 0 changed, 0 unchanged, 0 kept, 0 refused." in dry
    assert "Done: 1 created" in run("import", "people", path, *asked)
    assert "Done: 0 created, 0 changed, 1 unchanged" in run("import", "people", path, *asked)
    out = tmp_path / "out.csv"
    run("export", "people", *asked, "--out", out)
    assert "mei" in out.read_text(encoding="utf-8-sig")
    assert "title,description" in run("export", "jobs", *asked)
    assert "worked_for" in run("export", "hours", *asked)
    assert "/sign-in/" in run("person", "link", "mei", "--config", config)
    token = run("person", "token", "mei", "--config", config, "--scope", "self", "--days", "2")
    assert token.startswith("ayni_")
    assert "Nobody here is called wai" in run("person", "link", "wai", "--config", config, code=1)


def test_a_bad_row_ends_the_import_with_its_line_and_code_1(config, tmp_path):
    path = people_csv(tmp_path, HEAD + MEI.replace("mei", "wai").replace("Home care", "forkliift"))
    output = run("import", "people", path, "--config", config, "--group", "care", code=1)
    assert "✗ line 2, skills: 'forkliift' is not known; did you mean 'forklift'?" in output
    assert "Nothing was changed" in output
    assert "Nobody here" in run("person", "link", "wai", "--config", config, code=1)


def test_a_group_that_does_not_exist_is_answered_with_those_that_do(config):
    output = run("export", "people", "--config", config, "--group", "caer", code=1)
    assert "There is no group caer here; there are: care" in output


def test_people_and_groups_are_added_one_by_one(config):
    asked = ("--config", config)
    link = run("person", "add", "ho", "--name", "Ho", "--group", "care", *asked)
    assert "/sign-in/" in link
    wrong = ("group", "add", "far", "--name", "Far", "--leader", "ho", "--district", "nowhere")
    assert "Nobody knows the place nowhere" in run(*wrong, *asked, code=1)
    run("group", "add", "night", "--name", "Night team", "--leader", "ho", *asked)
    assert "is now auditor of" in run(
        "person", "role", "ho", "--group", "care", "--role", "auditor", *asked
    )
    assert "is taken" in run(
        "person", "add", "ho", "--name", "Ho", "--group", "care", *asked, code=1
    )
    assert "Nothing was given up" in run("deliveries", *asked)


def test_a_backup_is_restored_elsewhere_and_nowhere_twice(made, config, tmp_path):
    file, there = tmp_path / "care.ayni", tmp_path / "there" / "ayni.toml"
    assert "rows of https://care.example" in run("backup", file, "--config", config)
    assert "are back" in run("restore", file, "--config", there)
    assert there.stat().st_mode & 0o777 == 0o600
    assert load(there, {}).name == "Care “沙田”"
    for table in ("people", "actors", "rights"):
        assert rows_of(there.parent, table) == rows_of(made[0], table)
    assert "holds something already" in run("restore", file, "--config", there, code=1)


def test_a_backup_is_restored_with_rows_and_settings_in_folders_not_made_yet(config, tmp_path):
    file, there = tmp_path / "care.ayni", tmp_path / "new" / "etc" / "ayni.toml"
    rows = f"sqlite+aiosqlite:///{tmp_path / 'var' / 'rows.db'}"
    run("backup", file, "--config", config)
    assert "are back" in run("restore", file, "--config", there, "--database", rows)
    assert load(there, {}).database == rows


def rows_of(folder, table):
    with sqlite3.connect(folder / "ayni.db") as rows:
        found = rows.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
    rows.close()
    return found


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(config):
    output = run("doctor", "--config", config, code=1)
    assert "✓ the database can be written to" in output
    assert re.search(r"✗ its own actor is fetched → .*ayni serve", output)
    assert f"origin = https://care.example ({config})" in output
    assert "language = en (default)" in output


def test_the_doctor_sees_a_file_that_others_can_read_and_hides_secrets(tmp_path):
    path, rows = tmp_path / "ayni.toml", tmp_path / "ayni.db"
    for one in (path, rows):
        one.write_text("")
        one.chmod(0o644)
    assert "chmod 600" in str(checkup._file_is_private(path))
    origin = "https://care.example"
    here = Settings(origin=origin, name="Care", database=f"sqlite+aiosqlite:///{rows}")
    assert f"chmod 600 {rows}*" in str(checkup._rows_are_private(here))
    settings = Settings(
        origin="https://care.example",
        name="Care",
        database="postgresql+asyncpg://care:hunter2@db/care",
        smtp_password="hunter3",
    )
    lines = "\n".join(checkup.sources(settings, path, {"AYNI_SMTP_PASSWORD": "hunter3"}))
    assert "hunter" not in lines
    assert "smtp_password = … (AYNI_SMTP_PASSWORD)" in lines


async def test_the_doctor_is_content_with_an_instance_that_runs(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path / "care"
    origin = f"http://care.localhost:{port}"
    await asyncio.to_thread(init, folder, "--plain-http", "--loopback", origin=origin)
    serving = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "instance", "serve", "--stop-with-input"),
        *("--config", str(folder / "ayni.toml")),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        await listening(port)
        found = [
            one
            async for one in checkup.findings(load(folder / "ayni.toml", {}), folder / "ayni.toml")
        ]
        assert [str(one) for one in found if not one.well] == []
        assert any("its own actor is fetched" in one.text for one in found)
    finally:
        serving.stdin.close()  # it stops by itself
        _, said = await asyncio.wait_for(serving.communicate(), 120)
    assert serving.returncode == 0, said
    assert b"plain_http is on" in said


async def listening(port):
    for _ in range(1800):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise AssertionError("the server never listens")


def test_a_match_is_replayed_to_the_byte(tmp_path):
    problem = ROOT / "tests" / "matching" / "problem.json"
    kept = (ROOT / "tests" / "matching" / "plan.json").read_bytes().strip()
    plan, svg = tmp_path / "plan.json", tmp_path / "plan.svg"
    run("match", problem, "--plan", plan, "--svg", svg)
    assert plan.read_bytes().strip() == kept
    assert svg.read_text().startswith("<svg")
    assert run("match", problem).strip().encode() == kept
    svg.write_text(json.dumps({}))
    assert "cannot be used" in run("match", svg, code=1)


def test_every_command_and_option_is_explained_in_a_sentence():
    context = cli.main.make_context("ayni", [], resilient_parsing=True)
    commands = [cli.main.get_command(context, name) for name in cli.main.list_commands(context)]
    inner = [
        one for each in commands if hasattr(each, "commands") for one in each.commands.values()
    ]
    for command in [*commands, *inner]:
        assert command.help, command.name
        assert command.help.rstrip().endswith("."), command.name
        for option in command.params:
            if option.param_type_name == "option":
                assert option.help, (command.name, option.name)


def test_a_version_is_told_without_loading_the_server():
    program = "import sys, instance.cli; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("group", [[], ["person"]])
def test_every_command_is_listed_with_its_whole_sentence(group):
    listed = run(*group, "--help").partition("Commands:")[2]
    assert len(re.findall(r"^  [a-z]+  .*", listed, re.MULTILINE)) > 3
    assert "..." not in listed


def test_keys_are_changed_for_one_or_for_all_and_the_former_ones_are_kept_or_not(tmp_path):
    init(tmp_path / "care")
    config = ("--config", tmp_path / "care" / "ayni.toml")

    assert "either --actor" in run("keys", "rotate", *config, code=1)
    assert "Nobody here is called bo" in run("keys", "rotate", *config, "--actor", "bo", code=1)
    assert run("keys", "rotate", *config, "--actor", "@Ines") == "ines has new keys.\n"
    everybody = run("keys", "rotate", *config, "--all")
    assert [name in everybody for name in ("ines ", "care ", "care.example ")] == [True] * 3
    assert "count for nothing" in run("keys", "rotate", *config, "--actor", "care", "--revoke")

    with sqlite3.connect(tmp_path / "care" / "ayni.db") as rows:
        found = rows.execute(
            "SELECT username, a.generation, count(f.actor) FROM actors a"
            " LEFT JOIN former_keys f ON f.actor = a.iri GROUP BY username ORDER BY username"
        ).fetchall()
    rows.close()
    assert found == [("care", 3, 0), ("care.example", 2, 1), ("ines", 3, 2)]
