"""One line of the table: a figure, what it stands beside, and what it has to reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """Something that was measured; `ratio` is held against the target, without one the figure is.

    `other` is the peer's figure, or our own of another part. `most` turns the target around: it
    must not be passed.
    """

    what: str
    figure: float
    unit: str = "s"
    other: float | None = None
    ratio: float | None = None
    target: float | None = None
    most: bool = False

    @property
    def missed(self) -> bool:
        """Whether this does not reach its target."""
        held = self.figure if self.ratio is None else self.ratio
        if self.target is None:
            return False
        return held > self.target if self.most else held < self.target


def sooner(what: str, ours: float, theirs: float, target: float | None = None) -> Line:
    """Compare times: how many times as long a peer takes."""
    return Line(what, ours, other=theirs, ratio=theirs / ours, target=target)


def filled(what: str, ours: float, theirs: float, target: float | None = None) -> Line:
    """Compare plans: how many places we fill for each of a peer's."""
    return Line(what, ours, "", other=theirs, ratio=ours / theirs, target=target)


def text(line: Line) -> str:
    """Write a line of the table."""
    written = f"{line.what:52} {_figure(line.figure, line.unit):>11}"
    written += f" {_figure(line.other, line.unit):>11}" if line.other is not None else " " * 12
    written += f" {_ratio(line.ratio):>8}" if line.ratio is not None else " " * 9
    if line.target is not None:
        bound = "at most" if line.most else "at least"
        written += f"   {bound} {line.target:g}   {'MISSED' if line.missed else 'ok'}"
    return written.rstrip()


def _figure(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1_000:,.1f} ms" if value < 1 else f"{value:,.2f} s"
    return f"{value:,.0f} {unit}".rstrip()


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.4g}"
