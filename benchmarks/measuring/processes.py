"""Starting what is measured, each in a process of its own, and asking it how it went."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 16


@contextlib.asynccontextmanager
async def floor(*arguments: object) -> AsyncIterator[None]:
    """Keep a bare server running; see `benchmarks.measuring.floors`."""
    process = await _python("benchmarks.measuring.floors", *arguments)
    try:
        assert process.stdout, "a pipe"
        said = await process.stdout.readline()
        assert said == b"ready\n", said
        yield
    finally:
        process.kill()
        await process.wait()


async def client(port: int, requests: Path, times: int = 1) -> dict[str, Any]:
    """Send what a file holds to a server over 16 connections; return seconds and statuses."""
    return dict(await _answer("benchmarks.measuring.client", port, requests, CONNECTIONS, times))


async def post_all(inboxes: Path, body: Path, manner: str) -> float:
    """Sign a body and post it to every inbox by raw calls; return the seconds it took."""
    return float(await _answer("benchmarks.measuring.floors", "post", 0, inboxes, body, manner))


async def _answer(module: str, *arguments: object) -> Any:
    process = await _python(module, *arguments)
    said, _ = await process.communicate()
    assert process.returncode == 0, module
    return json.loads(said)


async def _python(module: str, *arguments: object) -> asyncio.subprocess.Process:
    words = [sys.executable, "-m", module, *map(str, arguments)]
    return await asyncio.create_subprocess_exec(*words, stdout=PIPE, cwd=ROOT)
