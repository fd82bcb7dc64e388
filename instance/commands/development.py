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


@click.command()
@click.argument("language", default="zh-Hant")
def translate(language: str) -> None:
    """Bring a language's file up to date with every sentence, and list those without words."""
    total, lacking = catalogue.update(language)
    console.print(f"{language}: {total} sentences, {lacking} without words.")
    for sentence in catalogue.missing(language):
        console.print(f"  {sentence}", markup=False)
