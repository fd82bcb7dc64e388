"""Pages of groups: mine everywhere, this co-op's, one group's own, and its leaders'."""

from __future__ import annotations

from instance.groups.routes import arriving, home, leaders, mine, own_key, public
from instance.web import Routes

__all__ = ["routes"]

routes = Routes("groups")
for part in (mine, home, own_key, arriving, public, leaders):
    routes.operations.extend(part.routes.operations)
