"""The page of followed groups and their jobs."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from aiohttp import web

from federation import Iri
from instance.errors import NotFound
from instance.follows import activities, service
from instance.follows.views import FollowedPage, PassingGroup, PassingPage, PostsPage
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.language import N_
from instance.pages import language_of
from instance.paging import page_of
from instance.web import (
    DATABASE,
    SETTINGS,
    SHOWN,
    Routes,
    done,
    read,
    reading,
    respond,
    transaction,
    viewer,
)

routes = Routes("follows")

LEAD = "group:<id>:lead"


class AddressForm(msgspec.Struct):
    """A group's address, as people write it."""

    address: str


class PassForm(msgspec.Struct):
    """A job of another group, one's own group, and whether it passes that on."""

    job: str
    group: str
    on: bool = True


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


@routes.get(
    "/jobs/followed/posts",
    "List what the groups one follows wrote and passed on",
    view=PostsPage,
    scope="self",
    lists={"posts": N_("What groups I follow write")},
    paged="posts",
)
async def show_posts(request: web.Request) -> web.Response:
    """Show a page of posts, the newest first."""
    async with reading(request) as tx:
        size = service.FILE_PAGE if SHOWN in request else service.PAGE
        view = await service.posts_page(tx, viewer(request), page_of(request.query), size)
    return respond(request, "follows/posts.html", view)


@routes.post("/jobs/followed", "Follow a group", form=AddressForm, page=show_followed)
async def follow(request: web.Request) -> web.Response:
    """Follow the group at an address, and read at once what it has open."""
    form, who = await read(request, AddressForm), viewer(request)
    group, name, handle, listed = await activities.find(request.app[DATABASE], form.address)
    async with transaction(request) as tx:
        await service.follow(tx, who, group, name, handle)
        await activities.keep_listed(tx, group, listed)
    return done(request, "/jobs/followed", said="You follow %(group)s.", group=name)


@routes.get(
    "/jobs/pass-on",
    "Show which groups pass a job of another group on",
    view=PassingPage,
    scope=LEAD,
    query={"job": "The job's id"},
    lists={"groups": N_("Groups that pass it on")},
)
async def show_passing(request: web.Request) -> web.Response:
    """Show a leader which of her groups pass a job on."""
    who, job = viewer(request), request.query.get("job", "")
    async with reading(request) as tx:
        seen = await jobs.seen_job(tx, who, job)
        names = {one.iri: one.name for one in await groups.groups(tx)}
        passing = await service.passed_on(tx, who, job)
    if not passing:
        raise NotFound
    found = tuple(PassingGroup(one, names.get(one, one), passes) for one, passes in passing)
    view = PassingPage(seen.posting.iri, seen.posting.title, seen.group_name, found)
    return respond(request, "follows/passing.html", view)


@routes.post("/jobs/pass-on", "Pass a job of another group on", form=PassForm, scope=LEAD)
async def pass_on(request: web.Request) -> web.Response:
    """Pass a job on to whoever follows a group, or do so no more."""
    form = await read(request, PassForm)
    act = service.pass_on if form.on else service.take_back
    async with transaction(request) as tx:
        await act(tx, viewer(request), Iri(form.group), form.job)
    said = "Passed on to everybody who follows the group." if form.on else "Taken back."
    return done(request, f"/jobs/elsewhere?job={quote(form.job, safe='')}", said=said)


@routes.post("/jobs/followed/end", "Follow a group no more", form=GroupForm)
async def unfollow(request: web.Request) -> web.Response:
    """Let the viewer follow a group no more."""
    form = await read(request, GroupForm)
    async with transaction(request) as tx:
        await service.unfollow(tx, viewer(request), Iri(form.group))
    return done(request, "/jobs/followed", said="You follow this group no more.")
