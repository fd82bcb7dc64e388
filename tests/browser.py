"""A real browser that knows a test network's pretend names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import BrowserContext, async_playwright

from tests.conftest import World, chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 320, "height": 640}
LAPTOP = {"width": 1280, "height": 800}


@asynccontextmanager
async def browser(
    world: World,
    *,
    size: dict[str, int] | None = None,
    language: str = "en",
    script: bool = True,
    dark: bool = False,
) -> AsyncIterator[BrowserContext]:
    """Open Chromium; anything that a page logs as an error fails the test."""
    rules = [f"MAP {name}:80 {host}:{port}" for name, (host, port) in world.network.names.items()]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=chromium(),
            args=[*FLAGS, f"--host-resolver-rules={', '.join(rules)}"],
        )
        context = await opened.new_context(
            viewport=size or LAPTOP,
            locale=language,
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        errors: list[str] = []
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on(
            "console",
            lambda said: errors.append(said.text) if said.type == "error" else None,
        )
        try:
            yield context
        finally:
            await opened.close()
        assert errors == [], errors
