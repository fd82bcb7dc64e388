"""A real browser that knows a test network's pretend names."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from playwright.async_api import BrowserContext, ConsoleMessage, async_playwright

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
SECURE = "--unsafely-treat-insecure-origin-as-secure"
"""Pretend names are no secure place to a browser, unlike localhost and https."""
PHONE = {"width": 320, "height": 640}
LAPTOP = {"width": 1280, "height": 800}
PATIENCE = 60_000
"""Milliseconds until a page is given up, for a machine that has much else to do."""


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
    async with devices(world) as device:
        yield await device(size=size, language=language, script=script, dark=dark)


@asynccontextmanager
async def devices(world: World) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """Open Chromium for several people, each with cookies of her own; errors fail the test."""
    rules = [f"MAP {name}:80 {host}:{port}" for name, (host, port) in world.network.names.items()]
    secure = ",".join(f"http://{name}" for name in world.network.names)
    errors: list[str] = []
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=chromium(),
            args=[*FLAGS, f"--host-resolver-rules={', '.join(rules)}", f"{SECURE}={secure}"],
        )

        async def device(
            *,
            size: dict[str, int] | None = None,
            language: str = "en",
            script: bool = True,
            dark: bool = False,
        ) -> BrowserContext:
            context = await opened.new_context(
                viewport=size or LAPTOP,
                locale=language,
                java_script_enabled=script,
                color_scheme="dark" if dark else "light",
            )
            context.set_default_timeout(PATIENCE)
            context.on("weberror", lambda error: errors.append(str(error.error)))
            context.on(
                "console",
                lambda said: errors.append(_told(said)) if _is_a_fault(said) else None,
            )
            return context

        try:
            yield device
        finally:
            await opened.close()
    assert errors == [], errors


def _told(said: ConsoleMessage) -> str:
    return f"{said.text} {said.location['url']}"


def _is_a_fault(said: ConsoleMessage) -> bool:
    """Tell whether a page logged an error.

    A form that is refused and shown again is none, nor is a page left open that looks again by
    itself when its link answers nothing any more.
    """
    refused = re.search(r"responded with a status of (409|422) ", said.text)
    over = "/answer/" in said.location["url"] and "status of 404 " in said.text
    return said.type == "error" and not refused and not over
