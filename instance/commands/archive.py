"""An instance in one file: every row as JSON lines, for either database, with its settings.

A zip holds `manifest.json` (schema, origin, for each table its rows and their SHA-256),
`settings.json` (secrets included: the file is its owner's alone) and `tables/<name>.jsonl`, a JSON
list of columns first, then a list of values for each row. Bytes are base64; moments are ISO 8601.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

import instance.app  # noqa: F401  # every feature's tables
from instance.db import Base, Database, UtcTime
from instance.errors import Conflict, Invalid
from instance.settings import Settings

FORMAT = 1
CHUNK = 500
MOST_LINE = 64 * 1024 * 1024
Progress = Callable[[str], None]


class Kept(msgspec.Struct, frozen=True):
    """What a table held: how many rows, and the SHA-256 of its file."""

    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive says of itself."""

    format: int
    schema: str
    origin: str
    made: datetime
    tables: dict[str, Kept]


async def write(database: Database, schema: str, path: Path, progress: Progress) -> Manifest:
    """Write an instance as it is at this moment into a file that only its owner may read.

    Raises Conflict if the file exists. One transaction reads everything, so that rows agree.
    """
    temporary = path.with_name(f"{path.name}.part")
    _refuse_existing(path)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with (
        os.fdopen(handle, "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        tables = {}
        async with database.engine.connect() as connection:
            await _see_one_moment(connection)
            for table in Base.metadata.sorted_tables:
                progress(table.name)
                tables[table.name] = await _write_table(connection, table, archive)
        manifest = Manifest(
            format=FORMAT,
            schema=schema,
            origin=database.settings.origin,
            made=database.clock(),
            tables=tables,
        )
        archive.writestr("settings.json", json.dumps(settings_values(database.settings)))
        archive.writestr("manifest.json", msgspec.json.encode(manifest))
        archive.close()
        # before it takes its name, the file is on the disk whole
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return manifest


def manifest_of(path: Path) -> tuple[Manifest, dict[str, Any]]:
    """Return what an archive says of itself and the settings in it; raises Invalid."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = msgspec.json.decode(archive.read("manifest.json"), type=Manifest)
            settings = json.loads(archive.read("settings.json"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        raise Invalid("This is no archive that `ayni backup` has written.") from error
    if manifest.format != FORMAT:
        raise Invalid("This archive was written by a newer program: install that one.")
    return manifest, settings


async def read(database: Database, path: Path, progress: Progress) -> Manifest:
    """Fill an empty database with what an archive holds, in one transaction.

    Raises Conflict for a database that holds something, Invalid for an archive whose contents
    are not what its manifest says.
    """
    manifest, _settings = manifest_of(path)
    async with database.engine.begin() as connection:
        await _refuse_filled(connection)
        with zipfile.ZipFile(path) as archive:
            for table in Base.metadata.sorted_tables:
                progress(table.name)
                kept = await _read_table(connection, table, archive)
                if kept != manifest.tables.get(table.name, Kept(0, kept.sha256)):
                    raise Invalid("The archive is damaged: %(name)s differs.", name=table.name)
        unknown = manifest.tables.keys() - Base.metadata.tables.keys()
        if unknown:
            raise Invalid("The archive holds %(name)s, which is not known.", name=min(unknown))
        await _mend_sequences(connection)
    return manifest


def settings_values(settings: Settings) -> dict[str, Any]:
    """Return settings as plain values, secrets included."""
    return {name: getattr(settings, name) for name in Settings.__dataclass_fields__}


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise Conflict("%(path)s exists; name another file.", path=str(path))


async def _see_one_moment(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(
            sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        )


async def _write_table(
    connection: AsyncConnection, table: sa.Table, archive: zipfile.ZipFile
) -> Kept:
    counted, hashed = 0, hashlib.sha256()
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as file:
        hashed.update(_put(file, [column.name for column in table.columns]))
        async for row in _rows(connection, table):
            counted += 1
            values = [
                _plain(column, value) for column, value in zip(table.columns, row, strict=True)
            ]
            hashed.update(_put(file, values))
    return Kept(counted, hashed.hexdigest())


async def _rows(connection: AsyncConnection, table: sa.Table) -> AsyncIterator[sa.Row[Any]]:
    chosen = sa.select(table).order_by(*table.primary_key.columns)
    async with connection.stream(chosen, execution_options={"yield_per": CHUNK}) as found:
        async for row in found:
            yield row


def _put(file: IO[bytes], values: list[Any]) -> bytes:
    line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    file.write(line)
    return line


def _plain(column: sa.Column[Any], value: Any) -> Any:
    if value is None or isinstance(column.type, sa.JSON):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(column.type, sa.Enum) and hasattr(value, "value") else value


def _value(column: sa.Column[Any], plain: Any) -> Any:
    kind = column.type
    if plain is None or isinstance(kind, sa.JSON):
        return plain
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(plain)
    if isinstance(kind, UtcTime | sa.DateTime):
        return datetime.fromisoformat(plain)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(plain)
    if isinstance(kind, sa.Enum) and kind.enum_class:
        return kind.enum_class(plain)
    return plain


async def _read_table(
    connection: AsyncConnection, table: sa.Table, archive: zipfile.ZipFile
) -> Kept:
    name = f"tables/{table.name}.jsonl"
    if name not in archive.namelist():
        return Kept(0, "")
    counted, hashed = 0, hashlib.sha256()
    with archive.open(name) as file:
        lines = _lines(file)
        first = next(lines, b"[]")
        hashed.update(first)
        columns = _columns(table, json.loads(first))
        chunk: list[dict[str, Any]] = []
        for line in lines:
            counted += 1
            hashed.update(line)
            values = zip(columns, json.loads(line), strict=True)
            chunk.append({column.name: _value(column, plain) for column, plain in values})
            if len(chunk) == CHUNK:
                await connection.execute(sa.insert(table), chunk)
                chunk = []
        if chunk:
            await connection.execute(sa.insert(table), chunk)
    return Kept(counted, hashed.hexdigest())


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(MOST_LINE):
        yield line


def _columns(table: sa.Table, names: list[str]) -> list[sa.Column[Any]]:
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        raise Invalid("The archive holds %(name)s, which is not known.", name=unknown[0])
    return [table.columns[name] for name in names]


async def _refuse_filled(connection: AsyncConnection) -> None:
    for table in Base.metadata.sorted_tables:
        found = await connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1))
        if found.first():
            raise Conflict("The database holds something already: restore into an empty one.")


async def _mend_sequences(connection: AsyncConnection) -> None:
    """Let PostgreSQL count on from the highest number that was restored."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        name = sa.func.pg_get_serial_sequence(table.name, column.name)
        highest = sa.select(sa.func.max(column)).scalar_subquery()
        await connection.execute(
            sa.select(
                sa.func.setval(name, sa.func.coalesce(highest, 1), highest.is_not(None))
            ).where(name.is_not(None))
        )
