"""Enquiries as pages for leaders and for people who ask, and single notes for the other side."""

from __future__ import annotations

from typing import Literal

import msgspec
from aiohttp import web

from federation import Iri
from instance.db import Tx
from instance.enquiries import activities, service
from instance.enquiries.views import AskPage, EnquiriesPage, EnquiryView
from instance.errors import NotFound
from instance.jobs import service as jobs
from instance.language import N_
from instance.viewer import Viewer
from instance.web import (
    DRAFT,
    Draft,
    Routes,
    done,
    read,
    reading,
    respond,
    respond_document,
    signed_reader,
    transaction,
    viewer,
)

routes = Routes("enquiries")


class WordsForm(msgspec.Struct):
    """What somebody writes."""

    text: str


class AskForm(msgspec.Struct):
    """What somebody asks about a job."""

    job: str
    text: str


class OfferForm(msgspec.Struct):
    """Yes or no to an offer, and words that go with it."""

    answer: Literal["yes", "no"]
    text: str = ""


class Nothing(msgspec.Struct):
    """An act that needs no words."""


@routes.get(
    "/enquiries",
    "List what is asked of the groups one leads, and what one asked",
    view=EnquiriesPage,
    scope="self",
    lists={"asked_of_us.lines": N_("Enquiries"), "asked_by_me.lines": N_("What you asked")},
)
async def show_enquiries(request: web.Request) -> web.Response:
    """Show enquiries, those that wait for an answer first."""
    async with reading(request) as tx:
        view = await service.enquiries(tx, viewer(request))
    return respond(request, "enquiries/enquiries.html", view)


@routes.get(
    "/enquiries/new",
    "Show the form that asks about a job",
    view=AskPage,
    scope="self",
    query={"job": "The job's id"},
)
async def show_ask(request: web.Request) -> web.Response:
    """Show the form, for a job that the reader may see."""
    job = request.query.get("job") or str((request.get(DRAFT) or Draft()).value("job"))
    async with reading(request) as tx:
        view = await _asked(tx, viewer(request), job)
    return respond(request, "enquiries/ask.html", view)


@routes.post(
    "/enquiries",
    "Ask a group about a job of its own",
    form=AskForm,
    view=EnquiryView,
    scope="self",
    page=show_ask,
    status=201,
)
async def ask(request: web.Request) -> web.Response:
    """Send a question to the group whose job it is."""
    form, who = await read(request, AskForm), viewer(request)
    async with transaction(request) as tx:
        about = await _asked(tx, who, form.job)
        made = await service.ask(tx, who, about.group, about.job, about.title, form.text)
        view = await service.read_enquiry(tx, who, made)
    said = "Your question is on its way to %(name)s."
    return done(request, f"/enquiries/{made}", view, status=201, said=said, name=about.group_name)


@routes.get(
    "/enquiries/{id:[a-z0-9]{20}}",
    "Read an enquiry",
    view=EnquiryView,
    scope="self",
    lists={"lines": N_("What was written")},
)
async def show_enquiry(request: web.Request) -> web.Response:
    """Show what was written to and fro."""
    async with reading(request) as tx:
        view = await service.read_enquiry(tx, viewer(request), request.match_info["id"])
    return respond(request, "enquiries/enquiry.html", view)


@routes.post(
    "/enquiries/{id:[a-z0-9]{20}}",
    "Write an answer",
    form=WordsForm,
    scope="self",
    page=show_enquiry,
)
async def answer(request: web.Request) -> web.Response:
    """Send what was written to the other side."""
    form, identifier = await read(request, WordsForm), request.match_info["id"]
    async with transaction(request) as tx:
        await service.answer(tx, viewer(request), identifier, form.text)
    return done(request, f"/enquiries/{identifier}", said="Your words are on their way.")


@routes.post(
    "/enquiries/{id:[a-z0-9]{20}}/offer",
    "Say yes or no to an offer",
    form=OfferForm,
    page=show_enquiry,
)
async def answer_offer(request: web.Request) -> web.Response:
    """Tell who offers to do a job whether the group agrees."""
    form, identifier = await read(request, OfferForm), request.match_info["id"]
    async with transaction(request) as tx:
        accepted = form.answer == "yes"
        await service.answer_offer(tx, viewer(request), identifier, form.text, accepted=accepted)
    return done(request, f"/enquiries/{identifier}", said="Your answer is on its way.")


@routes.post("/enquiries/{id:[a-z0-9]{20}}/close", "Close an enquiry", form=Nothing)
async def close(request: web.Request) -> web.Response:
    """Put an enquiry away."""
    async with transaction(request) as tx:
        await service.close(tx, viewer(request), request.match_info["id"])
    return done(request, "/enquiries", said="The enquiry is closed.")


@routes.get("/notes/{id:[a-z0-9]{20}}", "Fetch a note of an enquiry, by its addressee")
async def show_note(request: web.Request) -> web.Response:
    """Answer a note to whom it was sent; the same 404 for missing and forbidden."""
    reader = await signed_reader(request)
    if reader is None:
        raise NotFound
    async with reading(request) as tx:
        document = await activities.served_note(tx, Iri(f"{tx.origin}{request.path}"), reader)
    if document is None:
        raise NotFound
    return respond_document(document, public=False)


async def _asked(tx: Tx, who: Viewer, job: str) -> AskPage:
    """Name the job and the group to ask; NotFound for a job that is not hers to see."""
    page = await jobs.seen_job(tx, who, job)
    posting = page.posting
    return AskPage(posting.iri, posting.title, posting.group, page.group_name)
