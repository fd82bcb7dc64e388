"""Jobs as pages, as JSON and as ActivityStreams documents."""

from __future__ import annotations

from instance.jobs.routes import copying, posted, posting, repeating, telephone
from instance.web import Routes

__all__ = ["routes"]

routes = Routes("jobs")
for part in (posting, repeating, copying, telephone, posted):
    routes.operations.extend(part.routes.operations)
