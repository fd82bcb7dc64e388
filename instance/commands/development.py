"""Commands for those who work on the program: test and bench."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess  # runs our own test suite
import sys
from pathlib import Path

import click

from instance import catalogue
from instance.commands.opening import console
from instance.language import PARTIAL

ROOT = Path(__file__).parent.parent.parent
EVERYTHING = ("-n", "auto", "--dist", "worksteal")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the tests; arguments go to pytest. Says what is left out on this machine.

    Without arguments everything is run, side by side on every core.
    """
    required = set(filter(None, os.environ.get("AYNI_TEST_REQUIRE", "").split(",")))
    if "browser" not in required and shutil.which("chromium") is None:
        console.print("Chromium is not installed: the tests in a browser are left out.")
    if "postgresql" not in required:
        console.print("Tests on PostgreSQL are left out if no server answers.")
    done = subprocess.run(  # noqa: S603  # our own test suite
        [sys.executable, "-m", "pytest", *(arguments or EVERYTHING)], cwd=ROOT, check=False
    )
    raise SystemExit(done.returncode)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str, arguments: tuple[str, ...]) -> None:
    """Run a program in benchmarks/; with --check it exits 1 when a ratio misses its target."""
    program = ROOT / "benchmarks" / f"{name}.py"
    if not program.is_file():
        known = sorted(one.stem for one in (ROOT / "benchmarks").glob("*.py"))
        raise click.ClickException(f"There is no benchmark {name}; there are: {', '.join(known)}.")
    sys.argv = [str(program), *arguments]
    runpy.run_path(str(program), run_name="__main__")


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def screenshots(arguments: tuple[str, ...]) -> None:
    """Take a picture of every main page, at two widths and in each language; --help says more."""
    done = subprocess.run(  # noqa: S603  # a program of our own
        [sys.executable, "-P", "-m", "tests.gallery", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    raise SystemExit(done.returncode)


@click.command()
@click.argument("language", default="zh-Hant")
def translate(language: str) -> None:
    """Bring a language's file up to date, and list the sentences or pages without words."""
    total, lacking = catalogue.update(language)
    console.print(f"{language}: {total} sentences, {lacking} without words.")
    if language in PARTIAL:
        for page, number in catalogue.pages_without_words(language):
            console.print(f"  {number:4} {page} is shown in English", markup=False)
        return
    for sentence in catalogue.missing(language):
        console.print(f"  {sentence}", markup=False)
