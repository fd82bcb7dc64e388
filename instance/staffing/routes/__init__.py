"""Pages of places: those of a job or a loan, and one of them for which cover is sought."""

from __future__ import annotations

from instance.staffing.routes import cover, places
from instance.staffing.routes.places import ASK_ALLIES
from instance.web import Routes

__all__ = ["ASK_ALLIES", "routes"]

routes = Routes("staffing")
for part in (places, cover):
    routes.operations.extend(part.routes.operations)
