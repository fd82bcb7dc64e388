"""The page of followed groups and their jobs."""

from __future__ import annotations

import msgspec
from aiohttp import web

from federation import Iri
from instance.follows import activities, service
from instance.follows.views import FollowedPage
from instance.jobs import service as jobs
from instance.language import N_
from instance.pages import language_of
from instance.web import (
    DATABASE,
    SETTINGS,
    Routes,
    done,
    read,
    reading,
    respond,
    transaction,
    viewer,
)

routes = Routes("follows")


class AddressForm(msgspec.Struct):
    """A group's address, as people write it."""

    address: str


class GroupForm(msgspec.Struct):
    """A followed group."""

    group: str


@routes.get(
    "/jobs/followed",
    "List the public jobs of the groups one follows",
    view=FollowedPage,
    scope="self",
    lists={
        "jobs.job.posting.shifts.openings": N_("Jobs of groups I follow"),
        "groups": N_("Groups I follow"),
    },
)
async def show_followed(request: web.Request) -> web.Response:
    """Show whom the reader follows, and what work they have for everybody."""
    async with reading(request) as tx:
        view = await service.followed(tx, viewer(request))
    settings = request.app[SETTINGS]
    words = jobs.page_words(language_of(request, settings.language), settings.currency)
    return respond(request, "follows/followed.html", view, **words)


@routes.post("/jobs/followed", "Follow a group", form=AddressForm, page=show_followed)
async def follow(request: web.Request) -> web.Response:
    """Follow the group at an address, and read at once what it has open."""
    form, who = await read(request, AddressForm), viewer(request)
    group, name, handle, listed = await activities.find(request.app[DATABASE], form.address)
    async with transaction(request) as tx:
        await service.follow(tx, who, group, name, handle)
        await activities.keep_listed(tx, group, listed)
    return done(request, "/jobs/followed", said="You follow %(group)s.", group=name)


@routes.post("/jobs/followed/end", "Follow a group no more", form=GroupForm)
async def unfollow(request: web.Request) -> web.Response:
    """Let the viewer follow a group no more."""
    form = await read(request, GroupForm)
    async with transaction(request) as tx:
        await service.unfollow(tx, viewer(request), Iri(form.group))
    return done(request, "/jobs/followed", said="You follow this group no more.")
