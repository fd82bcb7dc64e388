"""Jobs as pages, as JSON and as ActivityStreams documents."""

from __future__ import annotations

from instance.jobs.routes import posted, posting, repeating
from instance.web import Routes

__all__ = ["routes"]

routes = Routes("jobs")
for part in (posting, repeating, posted):
    routes.operations.extend(part.routes.operations)
