"""Pages about oneself, the door, and what stands on the co-op's walls for everybody to read."""

from __future__ import annotations

from instance.people.routes import access, door, log, me, persons, style, walls
from instance.people.routes.door import authenticate
from instance.web import Routes

__all__ = ["authenticate", "routes"]

routes = Routes("people")
for part in (walls, door, me, access, persons, log, style):
    routes.operations.extend(part.routes.operations)
