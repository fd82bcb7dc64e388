"""Jobs that groups anywhere publish to everybody, for whoever follows those groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from federation import Iri
from instance.db import Tx
from instance.jobs import heard, known
from instance.jobs.bonfire import as_proposal
from instance.jobs.screens import host, opened
from instance.jobs.views import KnownJobView, OpenJob


def is_published(document: Mapping[str, Any]) -> bool:
    """Tell whether a document is a job that everybody may read, in whichever words."""
    return heard.is_public(document) and (
        heard.is_job(document) or as_proposal(document) is not None
    )


async def hear_published(tx: Tx, document: Mapping[str, Any], group: Iri | None = None) -> None:
    """Keep a job as its group's own host serves it; of any group, unless one is named.

    Work that is needed in Bonfire's words is a job, too. Raises ValueError or KeyError for what is
    no public job of a group on the job's own host, and Forbidden as `known.hear` does.
    """
    if not heard.is_job(document):
        document = as_proposal(document) or document
    if not heard.is_job(document) or not heard.is_public(document):
        raise ValueError("this is no job that everybody may read")
    posting = heard.read_posting(document)
    origin = host(posting.iri)
    if host(posting.group) != origin or group not in {None, posting.group}:
        raise ValueError("a job is published by the group whose job it is")
    if origin != tx.origin:
        await known.hear(tx, posting, posting.group, origin, public=True)


async def open_jobs(tx: Tx, names: Mapping[Iri, str]) -> list[OpenJob]:
    """List the public jobs of these groups that are not over, the next to begin first."""
    found = await known.known_jobs(tx, names, public=True)
    return [opened(one, names[one.posting.group], tx.origin) for one in found]


async def known_public(tx: Tx, iris: Iterable[Iri]) -> list[OpenJob]:
    """Return those of these jobs that are public, known here and not over."""
    found: Sequence[KnownJobView] = await known.public_jobs(tx, iris)
    return [opened(one, host(one.posting.group).partition("://")[2], tx.origin) for one in found]
