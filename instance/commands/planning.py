"""The command that plans without an instance: match."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

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
    "--picture",
    type=click.Choice(["places", "hours", "allies", "evenness", "priorities"]),
    default="places",
    show_default=True,
    help="What --svg draws: each opening's places, the hours in UTC, what allies lend, how evenly "
    "hours go, or what another order of priorities changes.",
)
@click.option("--around", metavar="OPENING", help="Let --svg draw who is near this opening.")
@click.option(
    "--explain", metavar="OPENING", help="Say why each person is suggested for it or not."
)
@click.option("--bound", is_flag=True, help="Say how many places no plan fills more than.")
@click.option("--improve", is_flag=True, help="Take the time to fill as many places as can be.")
@click.option("--check", type=_EXISTING, help="Only say whether the plan in this file is legal.")
@click.option("--without", metavar="WORKER", help="Say what if somebody were not there.")
@click.option("--also", type=_EXISTING, help="Say what if there were the opening in this file too.")
@click.option(
    "--limit",
    metavar="ALLIANCE MINUTES",
    type=(str, click.IntRange(0)),
    help="Say what if an alliance lent so many minutes.",
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of problems and of answers.")
def match(
    problem: Path | None,
    plan: Path | None,
    svg: Path | None,
    picture: str,
    around: str | None,
    explain: str | None,
    check: Path | None,
    *,
    bound: bool,
    improve: bool,
    schema: bool,
    **supposed: Any,
) -> None:
    """Plan who could do the work in PROBLEM.json; the same problem gives the same bytes.

    With --explain, --bound or what is supposed (--without, --also, --limit) only that is said,
    unless a file for the plan is named.
    """
    if schema:
        click.echo(matching.to_json(matching.schema()))
        return
    if problem is None:
        raise click.UsageError("Name a file with a problem; --schema prints what it looks like.")
    if check:
        if plan or svg or explain or bound or improve or any(supposed.values()):
            raise click.UsageError("--check makes no plan: leave out the other options.")
        say_whether_legal(_problem_in(problem), _plan_in(check))
        return
    read = _problem_in(problem)
    with console.status("Planning …"):
        found = matching.improve(read) if improve else matching.plan(read)
    if plan:
        plan.write_bytes(matching.to_json(found))
    elif explain is None and not bound and not any(supposed.values()):
        click.echo(matching.to_json(found))
    if svg:
        svg.write_text(_drawn(read, found, picture, around), encoding="utf-8")
    _say_more(read, found, explain, supposed, bound=bound)


def _drawn(problem: matching.Problem, plan: matching.Plan, picture: str, around: str | None) -> str:
    if around is not None:
        from matching.draw_neighbours import draw_neighbours
        from matching.neighbours import neighbours_of

        try:
            return draw_neighbours(neighbours_of(problem, plan, around))
        except KeyError:
            raise _no_opening(around) from None
    return _PICTURES[picture](problem, plan)


def _places(problem: matching.Problem, plan: matching.Plan) -> str:
    from matching.draw import draw

    return draw(problem, plan)


def _hours(problem: matching.Problem, plan: matching.Plan) -> str:
    from matching.coverage import coverage_of
    from matching.draw_coverage import draw_coverage

    return draw_coverage(coverage_of(problem, plan))


def _allies(problem: matching.Problem, plan: matching.Plan) -> str:
    from matching.draw_alliances import draw_alliances
    from matching.exchange import exchanges_of

    return draw_alliances(exchanges_of(problem, plan))


def _evenness(problem: matching.Problem, plan: matching.Plan) -> str:
    from matching.draw_spread import draw_spread
    from matching.report import report

    shared = report(problem, plan).everybody
    if not shared.spread.people:
        raise click.ClickException("Nobody in this problem asked for hours.")
    return draw_spread(shared.before, shared.spread)


def _priorities(problem: matching.Problem, _: matching.Plan) -> str:
    from matching.draw_priorities import draw_priorities, points_of
    from matching.report import exchanges

    points = points_of(exchanges(problem), problem.priorities)
    if not points:
        raise click.ClickException("Nobody's way is known in this problem.")
    return draw_priorities(points)


_PICTURES: Mapping[str, Callable[[matching.Problem, matching.Plan], str]] = {
    "places": _places,
    "hours": _hours,
    "allies": _allies,
    "evenness": _evenness,
    "priorities": _priorities,
}


def _no_opening(name: str) -> click.ClickException:
    return click.ClickException(f"There is no opening {name} in this problem.")


def _supposed(
    problem: matching.Problem,
    plan: matching.Plan,
    without: str | None,
    also: Path | None,
    limit: tuple[str, int] | None,
) -> matching.Supposed:
    from matching import supposing

    other = problem
    try:
        if without is not None:
            other = supposing.without(other, without)
        if limit is not None:
            other = supposing.limited(other, *limit)
        if also is not None:
            other = supposing.also(other, matching.opening_from_json(also.read_bytes()))
    except KeyError as error:
        raise click.ClickException(f"There is no {error.args[0]} in this problem.") from None
    except ValueError as error:
        raise click.ClickException(f"This cannot be supposed: {str(error).rstrip('.')}.") from error
    return supposing.suppose(problem, plan, other)


def _say_more(
    problem: matching.Problem,
    plan: matching.Plan,
    explain: str | None,
    supposed: dict[str, Any],
    *,
    bound: bool,
) -> None:
    if explain is not None:
        click.echo(matching.to_json(_explained(problem, plan, explain)))
    if bound:
        with console.status("Computing the bound …"):
            most = matching.bound(problem) if plan.at_most is None else plan.at_most
        click.echo(_bound_of(problem, plan, most))
    if any(supposed.values()):
        click.echo(matching.to_json(_supposed(problem, plan, **supposed)))


def _problem_in(path: Path) -> matching.Problem:
    try:
        return matching.problem_from_json(path.read_bytes())
    except matching.UnreadableProblem as error:
        raise click.ClickException(str(error)) from error


def _plan_in(path: Path) -> matching.Plan:
    try:
        return matching.plan_from_json(path.read_bytes())
    except matching.UnreadableProblem as error:
        raise click.ClickException(str(error)) from error


def _explained(problem: matching.Problem, plan: matching.Plan, name: str) -> matching.Explanation:
    try:
        return matching.explain(problem, plan, [name], changes=True)[0]
    except KeyError:
        raise _no_opening(name) from None


def _bound_of(problem: matching.Problem, plan: matching.Plan, most: int) -> str:
    places = sum(one.places for one in problem.openings)
    filled = len(plan.assignments)
    return f"{filled} of {places} places are filled; no plan fills more than {most}."


def say_whether_legal(problem: matching.Problem, plan: matching.Plan) -> None:
    """Print every fault of a plan and exit with 1; or that it is legal, and what it fills."""
    from matching.checking import moved_pins

    faults = matching.check(problem, plan)
    for fault in faults:
        click.echo(fault.sentence)
    if faults:
        raise SystemExit(1)
    places = sum(opening.places for opening in problem.openings)
    bound = "" if plan.at_most is None else f"; no plan can fill more than {plan.at_most}"
    click.echo("This plan is legal.")
    click.echo(f"{len(plan.assignments)} of {places} places are filled{bound}.")
    for pin in moved_pins(problem, plan):
        click.echo(pin.sentence)
