"""What happened to reports."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class ReportReceived:
    """Somebody reported something of ours: administrators, and leaders of `groups`, are told."""

    report: str
    by: Iri
    groups: tuple[Iri, ...]


@dataclass(frozen=True, slots=True)
class ReportWritten:
    """Somebody here reports something elsewhere: its host is to be told."""

    report: str
    actor: Iri


@dataclass(frozen=True, slots=True)
class ReportAnswered:
    """A report was answered here: who sent it is to be told."""

    report: str
