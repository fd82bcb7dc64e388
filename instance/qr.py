"""Addresses as QR codes: SVG without any style of its own."""

from __future__ import annotations

import segno
from markupsafe import Markup


def drawn(address: str) -> Markup:
    """Draw an address so that a telephone's camera reads it."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(svgclass="qr", lineclass=None, omitsize=True))  # noqa: S704  # segno's
