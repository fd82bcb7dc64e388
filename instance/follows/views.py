"""What of following is shown."""

from __future__ import annotations

from datetime import datetime

import msgspec

from federation import Iri
from instance.follows.models import SubscriptionState
from instance.jobs.service import OpenJob


class FollowedGroup(msgspec.Struct, frozen=True):
    """A group that somebody follows, as it called itself then."""

    group: Iri
    name: str
    handle: str
    state: SubscriptionState


class FollowedJob(msgspec.Struct, frozen=True):
    """A job in the list of somebody who follows; `shared_by` is who passed it on, if anybody."""

    job: OpenJob
    shared_by: str = ""


class PassingGroup(msgspec.Struct, frozen=True):
    """A group that the reader leads, and whether it passes a job on."""

    group: Iri
    name: str
    passes_on: bool


class PassingPage(msgspec.Struct, frozen=True):
    """A job that the reader's groups may pass on to whoever follows them."""

    job: Iri
    title: str
    owner: str
    groups: tuple[PassingGroup, ...]


class FollowedPage(msgspec.Struct, frozen=True):
    """The groups that somebody follows, and their public jobs, the next to begin first."""

    groups: tuple[FollowedGroup, ...]
    jobs: tuple[FollowedJob, ...]


class PostView(msgspec.Struct, frozen=True, kw_only=True):
    """What a followed group wrote, in plain text; `shared_by` is who passed it on, if anybody.

    `author_name` is a followed group's name, or how somebody else is addressed; `page` is where it
    is read on its own server.
    """

    iri: Iri
    author: Iri
    author_name: str
    text: str
    language: str
    page: str
    said: datetime
    changed: bool
    shared_by: str = ""


class PostsPage(msgspec.Struct, frozen=True):
    """What the groups that somebody follows wrote, the newest first, page by page from 1."""

    posts: tuple[PostView, ...]
    follows_any: bool
    page: int
    pages: int
    total: int
