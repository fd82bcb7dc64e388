"""From the bytes of a file to rows with line numbers: encodings, separators, quotes, headings."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

import msgspec

from instance.spreadsheets.columns import Columns
from instance.spreadsheets.faults import Fault, Remark, _, shown

MOST_BYTES = 4_000_000
MOST_ROWS = 5_000
MOST_CELLS = 100
MOST_FAULTS = 200
HEADING_WITHIN = 10
DELIMITERS = ",;\t"


class Line(msgspec.Struct, frozen=True):
    """One row of the file: the line it begins on, and its cells by column key."""

    number: int
    cells: dict[str, str]


class Table(msgspec.Struct, frozen=True):
    """A file taken apart: its rows, what each column is called there, and what is wrong."""

    lines: tuple[Line, ...] = ()
    headings: dict[str, str] = {}
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Remark, ...] = ()


class _Record(msgspec.Struct, frozen=True):
    number: int
    cells: list[str]


class _Unusable(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read_table(data: bytes, known: Columns) -> Table:
    """Take a file apart. Never raises: what cannot be read comes back as faults."""
    try:
        text = decode(data)
        heading, records = _records(text, known)
        headings, remarks, faults = _headings(heading, known)
    except _Unusable as unusable:
        return Table(faults=(unusable.fault,))
    places = {key: place for place, key in headings.items()}
    names = {key: shown(heading.cells[place].strip()) for key, place in places.items()}
    lines = []
    try:
        for record in records:
            fault = _width_fault(record, len(heading.cells))
            if fault:
                faults.append(fault)
                continue
            cells = {key: record.cells[place] for key, place in places.items()}
            lines.append(Line(record.number, cells))
    except _Unusable as unusable:
        faults.append(unusable.fault)
    if not lines and not faults:
        faults.append(Fault(0, "", "", _("There is no row below the headings.")))
    return Table(tuple(lines), names, tuple(faults[:MOST_FAULTS]), tuple(remarks))


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16 with or without a mark, or Big5 with HKSCS."""
    if len(data) > MOST_BYTES:
        megabytes = {"most": MOST_BYTES // 1_000_000}
        raise _unusable(_("The file is larger than %(most)s MB: cut it into several."), **megabytes)
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _unusable(_("This is a workbook: save it as CSV (“CSV UTF-8”) and use that file."))
    for encoding in _encodings(data):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise _unusable(_("The letters cannot be read: save the file as “CSV UTF-8”, or in Big5."))


def text_of(data: bytes) -> str:
    """Return the text of a file to be shown and mended; empty when it cannot be read."""
    try:
        return decode(data)
    except _Unusable:
        return ""


def _encodings(data: bytes) -> Sequence[str]:
    if data.startswith(codecs.BOM_UTF8):
        return ["utf-8"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    sample = data[:2_000]
    if sample[1::2].count(0) > len(sample) // 5:
        return ["utf-16-le"]
    if sample[0::2].count(0) > len(sample) // 5:
        return ["utf-16-be"]
    return ["utf-8", "big5hkscs"]


def _records(text: str, known: Columns) -> tuple[_Record, Iterator[_Record]]:
    """Find the heading, trying each separator, and return it with the rows that follow."""
    text, skipped = _without_separator_line(text)
    best: tuple[int, int, int, str] | None = None
    for delimiter in DELIMITERS:
        for place, record in enumerate(_head(text, delimiter)):
            meant = {known.find(cell) for cell in record.cells} - {None}
            found = (len(meant), len(known.required & meant), -place, delimiter)
            if meant and (best is None or found[:3] > best[:3]):
                best = found
    if best is None:
        wanted = ", ".join(known.keys)
        raise _unusable(
            _("There are no headings. The first row names the columns: %(names)s."), names=wanted
        )
    read = _read(text, best[3], skipped)
    for _earlier in range(-best[2]):
        next(read)
    heading = next(read)
    while not heading.cells[-1].strip():
        heading.cells.pop()
    return heading, read


def _head(text: str, delimiter: str) -> list[_Record]:
    head: list[_Record] = []
    try:
        for record in _read(text, delimiter, 0):
            head.append(record)
            if len(head) == HEADING_WITHIN:
                break
    except _Unusable:
        pass  # another separator may read it; if none does, the file is read again and says why
    return head


def _without_separator_line(text: str) -> tuple[str, int]:
    """Leave out the line `sep=;` that one spreadsheet program writes."""
    found = re.match(r"sep=.\r?\n", text)
    return (text[found.end() :], 1) if found else (text, 0)


def _read(text: str, delimiter: str, skipped: int) -> Iterator[_Record]:
    """Read records that hold something, with the line each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, begins = 0, 1 + skipped
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            message = _("The quotation marks do not close, or a cell is far too long.")
            raise _Unusable(Fault(begins, "", "", message)) from None
        if any(cell.strip() for cell in cells):
            rows += 1
            if rows > MOST_ROWS + HEADING_WITHIN:
                message = _("The file has more than %(most)s rows: cut it into several.")
                raise _Unusable(Fault(begins, "", "", message, {"most": MOST_ROWS}))
            yield _Record(begins, cells)
        begins = reader.line_num + 1 + skipped


def _headings(heading: _Record, known: Columns) -> tuple[dict[int, str], list[Remark], list[Fault]]:
    """Tell which place holds which column, what is left out, and what is wrong with that."""
    found: dict[int, str] = {}
    remarks: list[Remark] = []
    faults: list[Fault] = []
    if len(heading.cells) > MOST_CELLS:
        raise _unusable(_("The file has more than %(most)s columns."), most=MOST_CELLS)
    for place, cell in enumerate(heading.cells):
        if not cell.strip():
            continue
        key = known.find(cell)
        if key is None:
            _note_unknown(heading.number, cell, known, remarks, faults)
        elif key in found.values():
            message = _("Two columns mean %(key)s: rename or delete one of them.")
            faults.append(Fault(heading.number, shown(cell), shown(cell), message, {"key": key}))
        else:
            found[place] = key
    for key in sorted(known.required - set(found.values())):
        message = _("There is no column %(key)s: add it, or rename the one that holds it.")
        faults.append(Fault(heading.number, key, "", message, {"key": key}))
    if faults and not found:
        raise _Unusable(faults[0])
    return found, remarks, faults


def _note_unknown(
    line: int, cell: str, known: Columns, remarks: list[Remark], faults: list[Fault]
) -> None:
    near = known.near(cell)
    name = shown(cell.strip())
    if near:
        message = _("No column is called '%(name)s'; did you mean '%(near)s'?")
        faults.append(Fault(line, name, name, message, {"name": name, "near": near}))
    else:
        message = _("The column '%(name)s' is not used here and is left out.")
        remarks.append(Remark(line, message, {"name": name}))


def _width_fault(record: _Record, width: int) -> Fault | None:
    if len(record.cells) < width:
        message = _("The row ends after %(there)s of %(wanted)s cells: it was cut off.")
    elif any(cell.strip() for cell in record.cells[width:]):
        message = _(
            "The row has more cells (%(there)s) than there are headings (%(wanted)s): "
            "put quotation marks around a cell that holds the separator."
        )
    else:
        return None
    values = {"there": len(record.cells), "wanted": width}
    return Fault(record.number, "", "", message, values)


def _unusable(message: str, **values: object) -> _Unusable:
    return _Unusable(Fault(0, "", "", message, values))
