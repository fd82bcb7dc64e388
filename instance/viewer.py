"""Who asks: a person who signed in, or a token that acts for her within its scopes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from aiohttp import web

from federation import Iri
from instance.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody with an account here, as far as every page needs to know.

    `scopes` limits a token: `self`, `group:<id>:lead`, `admin`. None, for people who signed in,
    means everything that is theirs. `leads` and `administers` name groups by IRI; they decide
    what is shown, and services ask the rows again before anything is done.
    """

    person: Iri
    name: str
    username: str
    language: str
    scopes: frozenset[str] | None = None
    leads: tuple[Iri, ...] = ()
    administrator: bool = False
    unread: int = 0
    session: str = ""

    @property
    def iri(self) -> Iri:
        """The person's IRI."""
        return self.person

    @property
    def is_leader(self) -> bool:
        """Whether this person leads a group here."""
        return bool(self.leads)

    @property
    def is_administrator(self) -> bool:
        """Whether this person looks after the whole co-op's server."""
        return self.administrator

    def in_person(self) -> Viewer:
        """Return this if she signed in; raise Forbidden for a program that acts for her."""
        if not self.session:
            raise Forbidden("Only you yourself can do that, signed in.")
        return self

    def in_scope(self, scope: str) -> bool:
        """Tell whether the token, if there is one, was given this scope."""
        return self.scopes is None or scope in self.scopes

    @property
    def mark(self) -> str:
        """Tell a browser whose page it keeps without saying who that is."""
        return hashlib.sha256(f"kept:{self.person}".encode()).hexdigest()[:16]


VIEWER: web.RequestKey[Viewer] = web.RequestKey("viewer")
"""Where a request keeps who asks, once that is known."""

KEPT_FOR = "Ayni-Kept-For"
"""The header in which a page says whose it is: a mark of the person who signed in, or NOBODY."""
NOBODY = "nobody"


def mark_of(request: web.Request) -> str:
    """Return the mark of who asks, or NOBODY."""
    found = request.get(VIEWER)
    return found.mark if found else NOBODY
