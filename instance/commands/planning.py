"""The command that plans without an instance: match."""

from __future__ import annotations

from pathlib import Path

import click

import matching
from instance.commands.opening import console

_FILE = click.Path(path_type=Path, dir_okay=False)
_EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("problem", type=_EXISTING, required=False)
@click.option("--plan", type=_FILE, help="Write the plan there, not here.")
@click.option("--svg", type=_FILE, help="Draw the plan into this file.")
@click.option(
    "--explain", metavar="OPENING", help="Say why each person is suggested for it or not."
)
@click.option("--bound", is_flag=True, help="Say how many places no plan fills more than.")
@click.option("--improve", is_flag=True, help="Take the time to fill as many places as can be.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of problems and of answers.")
def match(
    problem: Path | None,
    plan: Path | None,
    svg: Path | None,
    explain: str | None,
    *,
    bound: bool,
    improve: bool,
    schema: bool,
) -> None:
    """Plan who could do the work in PROBLEM.json; the same problem gives the same bytes.

    With --explain or --bound only that is said, unless a file for the plan is named.
    """
    if schema:
        click.echo(matching.to_json(matching.schema()))
        return
    if problem is None:
        raise click.UsageError("Name a file with a problem; --schema prints what it looks like.")
    read = _read(problem)
    with console.status("Planning …"):
        found = matching.improve(read) if improve else matching.plan(read)
    if plan:
        plan.write_bytes(matching.to_json(found))
    elif explain is None and not bound:
        click.echo(matching.to_json(found))
    if svg:
        from matching.draw import draw

        svg.write_text(draw(read, found), encoding="utf-8")
    if explain is not None:
        click.echo(matching.to_json(_explained(read, found, explain)))
    if bound:
        with console.status("Computing the bound …"):
            most = matching.bound(read) if found.at_most is None else found.at_most
        click.echo(_bound_of(read, found, most))


def _read(path: Path) -> matching.Problem:
    try:
        return matching.problem_from_json(path.read_bytes())
    except matching.UnreadableProblem as error:
        raise click.ClickException(str(error)) from error


def _explained(problem: matching.Problem, plan: matching.Plan, name: str) -> matching.Explanation:
    try:
        return matching.explain(problem, plan, [name])[0]
    except KeyError:
        raise click.ClickException(f"There is no opening {name} in this problem.") from None


def _bound_of(problem: matching.Problem, plan: matching.Plan, most: int) -> str:
    places = sum(one.places for one in problem.openings)
    filled = len(plan.assignments)
    return f"{filled} of {places} places are filled; no plan fills more than {most}."
