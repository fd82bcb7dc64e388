"""The command that plans without an instance: match."""

from __future__ import annotations

from pathlib import Path

import click

import matching
from instance.commands.opening import console


@click.command()
@click.argument("problem", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--plan", type=click.Path(path_type=Path), help="Write the plan there, not here.")
@click.option("--svg", type=click.Path(path_type=Path), help="Draw the plan into this file.")
def match(problem: Path, plan: Path | None, svg: Path | None) -> None:
    """Plan who could do the work in PROBLEM.json; the same problem gives the same bytes."""
    try:
        read = matching.problem_from_json(problem.read_bytes())
    except matching.UnreadableProblem as error:
        raise click.ClickException(str(error)) from error
    with console.status("Planning …"):
        found = matching.plan(read)
    written = matching.to_json(found)
    if plan:
        plan.write_bytes(written)
    else:
        click.echo(written.decode())
    if svg:
        from matching.draw import draw

        svg.write_text(draw(read, found), encoding="utf-8")
