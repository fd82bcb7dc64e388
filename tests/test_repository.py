"""That what is checked in is whole: locks, licence, ignored files, contented linters."""

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-test.lock")

# The Free Software Foundation's own text file.
AGPL_3 = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"

TOP_LEVEL = {
    "instance",
    "federation",
    "matching",
    "templates",
    "tests",
    "benchmarks",
    ".ci",
    "pyproject.toml",
    "ayni",
    "README.md",
    "ARCHITECTURE.md",
    "FEDERATION.md",
    "GLOSSARY.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE",
    "requirements.lock",
    "requirements-test.lock",
    ".gitignore",
    ".gitattributes",
    ".editorconfig",
}

# What the product consists of; tests and documents may speak of these words.
PRODUCT = ("instance/", "federation/", "matching/", "templates/", "benchmarks/", ".ci/", "ayni")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b|\b[Ff]or now\b")
PUBLISHED_BY_OTHERS = re.compile(r".*\.min\.js")
BINARY = {
    ".png",
    ".webp",
    ".woff2",
    ".sqlite",
    ".ico",
    ".jpg",
    ".gz",
    ".zip",
    ".csv",
    ".mo",
    ".sql",
}


@cache
def checked_in() -> tuple[str, ...]:
    """Name every file that is in the repository or would be with the next commit."""
    if not (ROOT / ".git").exists():
        pytest.skip("This is not a clone: which files belong to the repository cannot be asked.")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "linter",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)],
    ids=["rules", "format", "types"],
)
def test_the_linters_are_content(linter):
    said = run(sys.executable, "-m", *linter)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(("shell", "script"), [("sh", "ayni"), ("bash", ".ci/run")])
def test_shell_scripts_are_executable_and_readable_to_their_shell(shell, script):
    assert (ROOT / script).stat().st_mode & 0o111
    assert (ROOT / script).read_text().startswith("#!")
    assert run(shutil.which(shell) or shell, "-n", script).returncode == 0


def test_the_whole_check_runs_the_documented_test_command_and_skips_nothing():
    *_, requirement, command = (ROOT / ".ci/run").read_text().splitlines()
    assert requirement == "export AYNI_TEST_REQUIRE=postgresql,browser"
    assert command == "exec ./ayni test"


def test_the_ignored_files_do_not_hide_the_server():
    ignored = run("git", "check-ignore", "instance/app.py", "instance/people/models.py")
    assert (ignored.returncode, ignored.stdout) == (1, ""), ignored.stderr


def test_what_the_launcher_leaves_behind_is_ignored():
    made = [".venv/bin/python", ".venv.lock", "instance/__pycache__/app.pyc", ".mypy_cache/x"]
    assert run("git", "check-ignore", *made).stdout.split() == made


def test_only_the_agreed_entries_stand_at_the_top():
    assert {path.partition("/")[0] for path in checked_in()} <= TOP_LEVEL


def test_nothing_unfinished_is_checked_in():
    unfinished = [
        f"{path}:{number}: {line.strip()}"
        for path in checked_in()
        if path.startswith(PRODUCT) and not PUBLISHED_BY_OTHERS.fullmatch(path)
        if Path(path).suffix not in BINARY
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert unfinished == []


@pytest.mark.parametrize(
    "line", ["# TODO", "raise NotImplementedError", "# fine for now", "x = 1  # XXX later"]
)
def test_unfinished_marks_are_recognised(line):
    assert UNFINISHED.search(line)


def test_text_files_end_their_lines_as_the_editor_settings_say():
    wrong = []
    for path in checked_in():
        if Path(path).suffix in BINARY or PUBLISHED_BY_OTHERS.fullmatch(path):
            continue
        # "-- " alone on a line is how a letter's signature begins.
        text = (ROOT / path).read_bytes().replace(b"\n-- \n", b"\n")
        if b"\r" in text or (text and not text.endswith(b"\n")) or re.search(rb"[ \t]\n", text):
            wrong.append(path)
    assert wrong == []


def test_the_licence_is_the_verbatim_agpl():
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == AGPL_3


def project() -> dict[str, list[str]]:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime = table["dependencies"]
    return {LOCKS[0]: runtime, LOCKS[1]: runtime + table["optional-dependencies"]["test"]}


@cache
def pins(lock: str) -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Read a lock: for each distribution what is pinned for which Python, with its hashes."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    for entry in entries:
        first, *rest = [line.removesuffix("\\").strip() for line in entry.splitlines()]
        requirement = Requirement(first)
        found.setdefault(canonicalize_name(requirement.name), []).append((requirement, rest))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_one_version_with_hashes_and_no_address(lock):
    for pinned in pins(lock).values():
        for requirement, hashes in pinned:
            assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
            assert requirement.url is None
            assert hashes, f"{requirement} has no hash"
            assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes)
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_what_the_project_asks_for(lock):
    for asked in map(Requirement, project()[lock]):
        pinned = pins(lock)[canonicalize_name(asked.name)]
        assert all(
            asked.specifier.contains(str(requirement.specifier).removeprefix("=="))
            for requirement, _ in pinned
        ), asked


def test_the_lock_for_tests_adds_to_the_programs_and_changes_nothing():
    runtime, test = map(pins, LOCKS)
    assert {name: test.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("lock", LOCKS)
def test_no_dependency_brings_a_package_of_the_name_of_ours(lock):
    assert not {"ayni", "federation", "instance", "matching"} & pins(lock).keys()


def test_all_runs_on_every_python_from_the_oldest_supported():
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert table["project"]["requires-python"] == ">=3.11"
    for pinned in pins(LOCKS[0]).values():
        for version in ("3.11", "3.12", "3.13", "3.14"):
            there = {
                "python_version": version,
                "python_full_version": f"{version}.0",
                "implementation_name": "cpython",
            }
            chosen = [each for each, _ in pinned if not each.marker or each.marker.evaluate(there)]
            assert len(chosen) == 1, f"{pinned[0][0].name} for Python {version}: {chosen}"
