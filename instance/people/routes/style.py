"""The page that shows our design in use, for those who build pages."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
from aiohttp import web

from instance.clock import system_clock
from instance.pages import templates_folder
from instance.web import Routes, done, respond

routes = Routes("people")

INKS = {
    "ink": ("paper", "sheet", "fold", "info-tint"),
    "soft": ("paper", "sheet", "fold"),
    "teal": ("paper", "sheet"),
    "teal-deep": ("paper", "sheet", "fold"),
    "on-teal": ("teal", "teal-deep"),
    "clay-ink": ("sheet",),
    "ok": ("ok-tint", "sheet", "paper"),
    "warn": ("warn-tint", "sheet", "paper"),
    "bad": ("bad-tint", "sheet", "paper"),
    "info": ("info-tint", "sheet", "paper"),
    "calm": ("calm-tint", "sheet", "paper"),
}
"""Which colours of text stand on which grounds."""

_TOKEN = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
_SCHEME = re.compile(r"^\s*:root \{(.*?)\}", re.DOTALL | re.MULTILINE)


class Pair(msgspec.Struct, frozen=True):
    """Text of one colour on another, with the contrast (WCAG 2.2) in both schemes."""

    ink: str
    ground: str
    light: float
    dark: float


class Style(msgspec.Struct, frozen=True):
    """The colours in use, and the parts that are shown."""

    pairs: tuple[Pair, ...]
    parts: tuple[str, ...]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """Whatever the forms of the examples hold: it goes nowhere."""


@routes.get("/style", "Show the parts that pages are made of", view=Style)
async def show_style(request: web.Request) -> web.Response:
    """Show every part of our pages in use, with the call that makes it."""
    folder = templates_folder() / "about" / "style"
    sources = {one.stem: one.read_text(encoding="utf-8") for one in sorted(folder.glob("*.html"))}
    icons = re.findall(r'id="([\w-]+)"', (templates_folder() / "static/icons.svg").read_text())
    today = system_clock()
    return respond(
        request,
        "about/style.html",
        Style(pairs(), tuple(sources)),
        sources=sources,
        icons=icons,
        now=today,
        days=[today.date() + timedelta(days=number) for number in range(7)],
    )


@routes.post("/style", "Press a button of an example", form=Nothing)
async def try_style(request: web.Request) -> web.Response:
    """Lead back to the examples: their forms do nothing."""
    return done(request, "/style")


def pairs() -> tuple[Pair, ...]:
    """Measure every ink on its grounds, from the colours that the style sheet names."""
    css = (templates_folder() / "static/ayni.css").read_text(encoding="utf-8")
    light, dark = [dict(_TOKEN.findall(one)) for one in _SCHEME.findall(css)[:2]]
    return tuple(
        Pair(ink, ground, *(contrast(one[ink], one[ground]) for one in (light, dark)))
        for ink, grounds in INKS.items()
        for ground in grounds
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2.2 defines it."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
