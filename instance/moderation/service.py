"""Everything the other features may ask of moderation."""

from __future__ import annotations

from instance.moderation.deciding import decide, decisions, lift
from instance.moderation.models import ReportState
from instance.moderation.peering import FILE_PAGE, PAGE, forget, peer, peers, retry, unreachable
from instance.moderation.reporting import answer, count_waiting, one_report, report, reports
from instance.moderation.views import (
    DecisionsView,
    FailureLine,
    PeerLine,
    PeersView,
    PeerView,
    ReportsView,
    ReportView,
)

__all__ = [
    "FILE_PAGE",
    "PAGE",
    "DecisionsView",
    "FailureLine",
    "PeerLine",
    "PeerView",
    "PeersView",
    "ReportState",
    "ReportView",
    "ReportsView",
    "answer",
    "count_waiting",
    "decide",
    "decisions",
    "forget",
    "lift",
    "one_report",
    "peer",
    "peers",
    "report",
    "reports",
    "retry",
    "unreachable",
]
