"""Everything the other features may ask of moderation."""

from __future__ import annotations

from instance.moderation.deciding import decide, decisions, lift
from instance.moderation.peering import forget, peer, peers, retry, unreachable
from instance.moderation.views import (
    DecisionsView,
    FailureLine,
    PeerLine,
    PeersView,
    PeerView,
)

__all__ = [
    "DecisionsView",
    "FailureLine",
    "PeerLine",
    "PeerView",
    "PeersView",
    "decide",
    "decisions",
    "forget",
    "lift",
    "peer",
    "peers",
    "retry",
    "unreachable",
]
