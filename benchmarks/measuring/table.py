"""One line of the benchmark's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """Something that was measured: our rate and the floor's, a second; what their ratio has to be.

    `floor` and `target` are None where only the figure itself is of interest, in `unit`.
    """

    what: str
    rate: float
    floor: float | None = None
    target: float | None = None
    unit: str = "/s"

    @property
    def ratio(self) -> float | None:
        """How much of the floor's rate is ours."""
        return self.rate / self.floor if self.floor else None

    @property
    def missed(self) -> bool:
        """Whether this stays below its target."""
        return self.target is not None and (self.ratio or 0) < self.target


def show(line: Line) -> None:
    """Print a line."""
    text = f"{line.what:46} {line.rate:9,.0f}{line.unit}"
    if line.floor is not None and line.ratio is not None:
        text += f"   floor {line.floor:9,.0f}{line.unit}   ratio {line.ratio:5.2f}"
    if line.target is not None:
        text += f"   at least {line.target:.2f}{'   MISSED' if line.missed else ''}"
    print(text, flush=True)
