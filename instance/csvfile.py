"""Lists as CSV files that a spreadsheet opens rightly and cannot be tricked by."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from aiohttp import web

BOM = "\ufeff"
_STARTS_A_FORMULA = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> web.Response:
    """Answer a list as a CSV file (RFC 4180, UTF-8 with BOM) that nobody caches.

    `filename` is plain ASCII. Cells may be text, numbers, moments, days, truths or None.
    """
    answer = web.Response(body=csv_text(header, rows).encode(), content_type="text/csv")
    answer.charset = "utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Vary"] = "Cookie, Authorization"
    return answer


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write a list as the text of a CSV file."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([cell(one) for one in header])
    writer.writerows([cell(one) for one in row] for row in rows)
    return BOM + written.getvalue()


def cell(value: object) -> str:
    """Write one cell; text that a spreadsheet would take for a formula gets an apostrophe."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float() | Decimal():
            return str(value)
        case datetime():
            return value.isoformat(timespec="minutes")
        case date():
            return value.isoformat()
    text = str(value).replace("\x00", "")
    if _STARTS_A_FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
