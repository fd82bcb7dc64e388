"""Lists brought in and taken out by page: upload, look at what would happen, confirm."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from federation import Iri
from instance.csvfile import csv_response
from instance.errors import Invalid
from instance.groups import service as groups
from instance.spreadsheets import service
from instance.spreadsheets.service import Report, Sheet
from instance.web import (
    CSV,
    DATABASE,
    MOST_SENT,
    Routes,
    done,
    is_api,
    read,
    reading,
    respond,
    transaction,
    viewer,
)

routes = Routes("spreadsheets")

LEAD = "group:<id>:lead"
MOST_SHOWN = 200
_WRITERS = {
    "people": service.people_listing,
    "jobs": service.jobs_listing,
    "hours": service.hours_listing,
}


class Led(msgspec.Struct, frozen=True):
    """A group that the viewer leads."""

    iri: Iri
    name: str


class ImportPage(msgspec.Struct, frozen=True):
    """Where a file is chosen, and what can be taken out."""

    groups: tuple[Led, ...]
    sheets: tuple[Sheet, ...] = tuple(Sheet)
    exports: tuple[str, ...] = tuple(_WRITERS)


class Preview(msgspec.Struct, frozen=True):
    """What a file would do; `text` is the file itself, to be mended and sent again."""

    report: Report
    group: Led
    text: str
    most: int = MOST_SHOWN


class ImportForm(msgspec.Struct):
    """A spreadsheet for a group: as a file, or its text. Nothing is done without `confirm`."""

    group: str
    sheet: Sheet
    file: Any = None
    text: str = ""
    confirm: bool = False


@routes.get("/import", "Show how lists are brought in and taken out", view=ImportPage, scope=LEAD)
async def show_import(request: web.Request) -> web.Response:
    """Offer the groups one leads, the kinds of lists, and examples of each."""
    return respond(request, "spreadsheets/import.html", ImportPage(await _led(request)))


@routes.post(
    "/import",
    "Read a spreadsheet into a group, or see what that would do",
    form=ImportForm,
    view=Report,
    scope=LEAD,
    page=show_import,
    most_bytes=MOST_SENT,
)
async def take_file(request: web.Request) -> web.Response:
    """Show what a file would do; do it, all or nothing, when that was confirmed."""
    form = await read(request, ImportForm)
    data = await _data(form)
    group = next((one for one in await _led(request) if one.iri == form.group), None)
    if group is None:
        raise Invalid("Choose a group that you lead.", field="group")
    report = await service.import_file(
        request.app[DATABASE],
        viewer(request),
        group.iri,
        form.sheet,
        data,
        dry_run=not form.confirm,
    )
    if report.done:
        said = "Brought in: %(created)s new, %(changed)s changed, %(unchanged)s as they were."
        counts: dict[str, Any] = dict(report.counts)
        return done(request, "/import", report, said=said, **counts)
    status = 422 if report.faults else 200
    if is_api(request):
        return respond(request, "spreadsheets/preview.html", report, status=status)
    view = Preview(report, group, service.text_of(data))
    return respond(request, "spreadsheets/preview.html", view, status=status)


@routes.get(
    "/import/{sheet:people|availability|jobs}-example.csv",
    "Download an example to fill in",
    media=CSV,
)
async def show_example(request: web.Request) -> web.Response:
    """Answer an empty list with its columns and one row to show how they are filled."""
    sheet = Sheet(request.match_info["sheet"])
    return csv_response(f"{sheet}-example.csv", *service.example(sheet))


@routes.get(
    "/export/{what:people|jobs|hours}.csv",
    "Download a group's list",
    scope=LEAD,
    query={"group": "The group's id"},
    media=CSV,
)
async def show_export(request: web.Request) -> web.Response:
    """Answer a group's people, jobs or hours as CSV; people's own logs keep who read them."""
    what = request.match_info["what"]
    group = Iri(request.query.get("group", ""))
    async with transaction(request) as tx:
        listing = await _WRITERS[what](tx, viewer(request), group)
    return csv_response(f"{what}.csv", *listing)


async def _led(request: web.Request) -> tuple[Led, ...]:
    leads = set(viewer(request).leads)
    async with reading(request) as tx:
        return tuple(Led(one.iri, one.name) for one in await groups.groups(tx) if one.iri in leads)


async def _data(form: ImportForm) -> bytes:
    """Return the file, or else the text that was pasted or mended."""
    if form.text.strip():
        return form.text.encode()
    if isinstance(form.file, web.FileField):
        data = form.file.file.read(service.MOST_BYTES + 1)
        if data:
            return data
    raise Invalid("Choose a file, or paste its rows.", field="file")
