"""Lists as CSV files that a spreadsheet opens rightly and cannot be tricked by."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from aiohttp import web

Listing = tuple[Sequence[str], list[list[Any]]]
"""The header of a file and its rows."""
_Column = tuple[str, tuple[str, ...]]

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


def listed(view: type[msgspec.Struct], name: str, shown: Iterable[msgspec.Struct]) -> Listing:
    """Turn a list inside view values into the header and the rows of a file.

    `name` is the field, or fields with dots between them. A row has a column for each field of
    the item; of what the list is in, each field stands before them under its list's name.
    """
    chain = list(_chain(view, name.split(".")))
    columns = [list(_columns(kind, prefix)) for prefix, kind in chain]
    header = [title for level in columns for title, _ in level]
    rows = [
        [
            _reached(item, path)
            for item, level in zip(items, columns, strict=True)
            for _, path in level
        ]
        for one in shown
        for items in steps_to(one, name)
    ]
    return header, rows


def steps_to(value: Any, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield, for each item of a list inside a value, the items of the lists on the way to it."""
    first, _, rest = name.partition(".")
    inner = getattr(value, first) if value is not None else None
    if inner is None:
        return
    if not isinstance(inner, (list, tuple)):
        yield from steps_to(inner, rest)
        return
    for item in inner:
        if rest:
            yield from ((item, *after) for after in steps_to(item, rest))
        else:
            yield (item,)


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


def _chain(kind: type[msgspec.Struct], names: list[str]) -> Iterator[tuple[str, type]]:
    """Yield the Structs of the lists that a name leads through, each with its columns' prefix."""
    prefix = ""
    for place, name in enumerate(names):
        hint = get_type_hints(kind)[name]
        prefix += f"{name}."
        inner = struct_in(hint)
        assert inner is not None, f"{name} holds no Struct"
        kind = inner
        if is_list(hint):
            yield ("" if place == len(names) - 1 else prefix), kind


def _columns(kind: type, prefix: str, path: tuple[str, ...] = ()) -> Iterator[_Column]:
    hints = get_type_hints(kind)
    for field in msgspec.structs.fields(kind):
        inner = struct_in(hints[field.name])
        if inner is None:
            yield prefix + field.name, (*path, field.name)
        elif not is_list(hints[field.name]):
            yield from _columns(inner, f"{prefix}{field.name}.", (*path, field.name))


def _reached(item: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        item = getattr(item, name) if item is not None else None
    if isinstance(item, dict):
        return "; ".join(f"{key}: {cell(one)}" for key, one in item.items())
    if isinstance(item, (list, tuple)):
        return "; ".join(_joined(one) for one in item)
    return item


def _joined(one: Any) -> str:
    return ": ".join(map(cell, one)) if isinstance(one, (list, tuple)) else cell(one)


def is_list(hint: Any) -> bool:
    """Tell whether a field's type is a list, or may be one."""
    return any(get_origin(one) in (list, tuple) for one in (hint, *get_args(hint)))


def struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """Return the Struct that a field holds, by itself or in a list, or None."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next(filter(None, map(struct_in, get_args(hint))), None)
