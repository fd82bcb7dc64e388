"""That `./ayni` prepares itself once, survives interruption and company, and then runs the program.

The checkout is a copy with two small packages in place of the real ones, so nothing is downloaded.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("sh", "cksum", "grep", "sed", "rm", "mv", "dirname", "readlink", "cat")

PROGRAM = """
import importlib.util
import os
import sys
from pathlib import Path

packages = [name for name in ("lentils", "pytestish") if importlib.util.find_spec(name)]
print(sys.argv[1:], os.getcwd(), Path(__file__).parent, packages, sep="|")
"""


def wheel(folder: Path, name: str, version: str = "1") -> str:
    """Write the smallest wheel there is and return the line that locks it."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(
            f"{about}/RECORD",
            f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n",
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"


class Checkout:
    """A copy of the launcher with a program that tells how it was called."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.folder = folder
        self.wheels = wheels

    def fill(self) -> "Checkout":
        self.wheels.mkdir()
        (self.folder / "instance").mkdir(parents=True)
        (self.folder / "instance/__init__.py").touch()
        (self.folder / "instance/__main__.py").write_text(PROGRAM)
        shutil.copy(ROOT / "ayni", self.folder / "ayni")
        runtime = wheel(self.wheels, "lentils")
        self.lock(runtime, runtime + wheel(self.wheels, "pytestish"))
        return self

    def lock(self, runtime: str, test: str) -> None:
        (self.folder / "requirements.lock").write_text(runtime)
        (self.folder / "requirements-test.lock").write_text(test)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PIP_", "PYTHON"))
        }
        mine = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
        }
        # The tests' own interpreter, which is known to be new enough, is the python3 of the child.
        base = Path(getattr(sys, "_base_executable", sys.executable)).resolve().parent
        return kept | {"PATH": f"{base}{os.pathsep}{os.environ['PATH']}"} | mine | dict(more or {})

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.folder / "ayni", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
            start_new_session=True,
        )

    def run(
        self,
        *arguments: str,
        command: Path | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command or self.folder / "ayni", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            env=self.environment(env),
            cwd=cwd,
            check=False,
        )


@pytest.fixture
def fresh(tmp_path: Path) -> Checkout:
    """Return a checkout as cloned, in a folder whose name has a space."""
    return Checkout(tmp_path / "a checkout", tmp_path / "wheels").fill()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    folder = tmp_path_factory.mktemp("prepared")
    checkout = Checkout(folder / "checkout", folder / "wheels").fill()
    first = checkout.run()
    assert first.returncode == 0, first.stderr
    return checkout


@pytest.fixture
def settled(prepared: Checkout, tmp_path: Path) -> Checkout:
    """Return a prepared checkout that was moved, for a test to spoil."""
    shutil.copytree(prepared.folder, tmp_path / "moved", symlinks=True)
    shutil.copytree(prepared.wheels, tmp_path / "wheels")
    return Checkout(tmp_path / "moved", tmp_path / "wheels")


def told(checkout: Checkout, *arguments: str, packages: tuple[str, ...] = ("lentils",)) -> str:
    where = (checkout.folder / "instance").resolve()
    return f"{list(arguments)}|{Path.cwd()}|{where}|{list(packages)}\n"


def test_the_first_start_prepares_itself_and_leaves_standard_output_to_the_program(fresh):
    first = fresh.run("demo", "--json", "two words")
    assert first.returncode == 0, first.stderr
    assert first.stdout == told(fresh, "demo", "--json", "two words")
    said = first.stderr.splitlines()
    assert said[0].startswith("Preparing .venv")
    assert [line.split()[0] for line in said if line.startswith("[")] == ["[1/2]", "[2/2]"]
    assert any("lentils" in line for line in said)
    assert said[-1] == "Ready."


def test_a_later_start_says_nothing_and_takes_under_two_seconds(prepared):
    begun = time.monotonic()
    later = prepared.run("serve")
    assert time.monotonic() - begun < 2
    assert (later.stdout, later.stderr) == (told(prepared, "serve"), "")


def test_it_runs_from_any_folder_through_links_and_past_a_folder_of_the_same_name(
    prepared, tmp_path
):
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance/__init__.py").touch()
    (tmp_path / "instance/__main__.py").write_text("raise SystemExit('the wrong instance')")
    (tmp_path / "first").symlink_to(prepared.folder / "ayni")
    (tmp_path / "second").symlink_to("first")
    ran = prepared.run("match", command=tmp_path / "second", cwd=tmp_path)
    assert ran.stdout.split("|")[1:3] == [
        str(tmp_path),
        str((prepared.folder / "instance").resolve()),
    ], ran.stderr


def test_the_exit_code_is_the_programs(settled):
    (settled.folder / "instance/__main__.py").write_text("raise SystemExit(7)")
    assert settled.run().returncode == 7


@pytest.mark.parametrize("command", ["test", "bench", "screenshots"])
def test_tests_and_benchmarks_add_their_own_packages_once(settled, command):
    (settled.folder / ".venv/kept").touch()
    first = settled.run(command, "-k", "loan")
    assert first.stdout == told(settled, command, "-k", "loan", packages=("lentils", "pytestish"))
    assert "tests and benchmarks" in first.stderr
    assert (settled.folder / ".venv/kept").exists()
    assert settled.run(command).stderr == ""
    assert settled.run("serve").stderr == ""


def test_a_changed_lock_is_installed_anew_and_what_it_dropped_is_gone(settled):
    settled.run("test")
    lentils = wheel(settled.wheels, "lentils", "2")
    settled.lock(lentils, lentils)
    assert settled.run("test").stdout == told(settled, "test")
    python = settled.folder / ".venv/bin/python"
    version = subprocess.check_output(
        [python, "-c", "import lentils; print(lentils.VERSION)"], text=True
    )
    assert version == "2\n"


def test_a_download_that_does_not_have_the_locked_hash_is_refused(fresh):
    (fresh.folder / "requirements.lock").write_text(f"lentils==1 --hash=sha256:{'0' * 64}\n")
    refused = fresh.run()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "HASH" in refused.stderr.upper()
    assert refused.stderr.endswith("the next start tries again.\n")


def test_a_package_that_is_not_hashed_is_refused(fresh):
    (fresh.folder / "requirements.lock").write_text("lentils==1\n")
    assert fresh.run().returncode == 1


def test_a_virtual_environment_of_another_make_is_replaced(fresh):
    (fresh.folder / ".venv/bin").mkdir(parents=True)
    (fresh.folder / ".venv/bin/python").symlink_to("/nonexistent/python")
    (fresh.folder / ".venv/pyvenv.cfg").write_text("home = /nonexistent\n")
    assert fresh.run().stdout == told(fresh)


def test_a_python_that_was_upgraded_away_is_noticed(settled):
    python = settled.folder / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nonexistent/python3.11")
    assert settled.run().stdout == told(settled)


@pytest.mark.parametrize("step", ["[1/2]", "[2/2]", "lentils"])
def test_an_interrupted_first_start_is_repaired_by_the_next(fresh, step):
    started = fresh.start()
    with started:
        for line in started.stderr:
            if step in line:
                os.killpg(started.pid, signal.SIGKILL)
                break
    assert not (fresh.folder / ".venv/ayni-installed").exists()
    again = fresh.run()
    assert again.stdout == told(fresh), again.stderr


def test_two_first_starts_at_once_prepare_one_environment(fresh):
    both = [fresh.start("one"), fresh.start("two")]
    ends = [process.communicate(timeout=120) for process in both]
    assert [out for out, _ in ends] == [told(fresh, "one"), told(fresh, "two")]
    said = "".join(err for _, err in ends)
    assert said.count("[2/2]") == 1
    assert "waiting for it" in said


def tools(folder: Path) -> Path:
    """Fill a folder with everything the launcher needs but Python, to stand as the whole PATH."""
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def pretend_python(folder: Path, name: str, exit_code: int) -> None:
    (folder / name).write_text(f"#!/bin/sh\nexit {exit_code}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("exit_code", [None, 3, 127])
def test_without_a_new_enough_python_it_says_in_one_sentence_what_to_install(
    fresh, tmp_path, exit_code
):
    path = tools(tmp_path / "tools")
    if exit_code is not None:
        pretend_python(path, "python3", exit_code)
    refused = fresh.run(env={"PATH": str(path)})
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("ayni: Ayni needs Python 3.11 or newer with venv: install it")
    assert "python3-venv" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (fresh.folder / ".venv").exists()


def test_a_python_without_venv_is_named(fresh, tmp_path):
    path = tools(tmp_path / "tools")
    pretend_python(path, "python3", 3)
    pretend_python(path, "python3.12", 4)
    refused = fresh.run(env={"PATH": str(path)})
    assert refused.stderr.startswith("ayni: python3.12 is here, but without venv: install it")
    assert refused.stderr.count("\n") == 1


def test_an_older_python3_is_passed_over_for_a_newer_one_beside_it(fresh, tmp_path):
    path = tools(tmp_path / "tools")
    pretend_python(path, "python3", 3)
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    (path / "python3.13").symlink_to(base)
    assert fresh.run(env={"PATH": str(path)}).stdout == told(fresh)
