"""Commands that carry data in and out: import and export of spreadsheets."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape
from rich.progress import Progress

from instance.commands import acting
from instance.commands.opening import config_option, console, opened, runs, settings_from
from instance.csvfile import BOM, csv_text
from instance.spreadsheets import service as spreadsheets
from instance.web import DATABASE

_MARKS = {"created": "+", "changed": "~", "unchanged": "=", "kept": "="}


@click.command("import")
@config_option
@click.argument("sheet", type=click.Choice([one.value for one in spreadsheets.Sheet]))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@acting.group_option
@acting.as_option
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@runs
async def import_(
    config: Path, sheet: str, file: Path, group: str, as_: str | None, dry_run: bool
) -> None:
    """Read people, availability or jobs from a CSV file into a group: all of it or nothing."""
    kind = spreadsheets.Sheet(sheet)
    data = await _bytes_of(file)
    async with opened(settings_from(config)) as app:
        database = app[DATABASE]
        async with database.reading() as tx:
            found = await acting.require_group(tx, group)
            viewer = await acting.leader(tx, found.iri, as_)
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Making keys", total=None)
            report = await spreadsheets.import_file(
                database,
                viewer,
                found.iri,
                kind,
                data,
                dry_run=dry_run,
                progress=lambda ready, of: bar.update(task, completed=ready, total=of),
            )
    show(report, dry_run=dry_run)
    if report.faults:
        raise click.ClickException("Nothing was changed. Mend these lines and import it again.")


@click.command()
@config_option
@click.argument("what", type=click.Choice(["people", "jobs", "hours"]))
@acting.group_option
@acting.as_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Into this file.")
@runs
async def export(config: Path, what: str, group: str, as_: str | None, out: Path | None) -> None:
    """Write a group's people, jobs or hours as CSV; who read what of people is kept in the log."""
    write = {
        "people": spreadsheets.people_listing,
        "jobs": spreadsheets.jobs_listing,
        "hours": spreadsheets.hours_listing,
    }[what]
    async with opened(settings_from(config)) as app, app[DATABASE].transaction() as tx:
        found = await acting.require_group(tx, group)
        viewer = await acting.leader(tx, found.iri, as_)
        text = csv_text(*await write(tx, viewer, found.iri))
    if out:
        out.write_text(text, encoding="utf-8", newline="")  # noqa: ASYNC240  # nothing else runs in this loop
        console.print(f"Written to {escape(str(out))}.")
    else:
        click.echo(text.removeprefix(BOM), nl=False)


def show(report: spreadsheets.Report, *, dry_run: bool) -> None:
    """Print what an import did or would do, a line for each person or job, and then the sum."""
    for one in report.outcomes:
        details = f": {', '.join(one.details)}" if one.details else ""
        if one.what not in {spreadsheets.What.UNCHANGED, spreadsheets.What.KEPT}:
            click.echo(f"{_MARKS[one.what]} line {one.line}, {one.name} {one.what}{details}")
    for remark in report.remarks:
        click.echo(f"  {remark}")
    for fault in report.faults:
        click.echo(f"✗ {fault}")
    counts = ", ".join(f"{number} {what}" for what, number in report.counts.items())
    click.echo(f"{'Would be' if dry_run or report.faults else 'Done'}: {counts}.")


async def _bytes_of(file: Path) -> bytes:
    """Read a file, and not more of it than is needed to see that it is too large."""
    with file.open("rb") as source:
        return source.read(spreadsheets.MOST_BYTES + 1)
