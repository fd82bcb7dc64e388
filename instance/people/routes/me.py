"""A person's own page: what is known of her, all of it hers to change."""

from __future__ import annotations

from datetime import date

import msgspec
from aiohttp import web

from instance.errors import Invalid
from instance.language import LANGUAGES, N_
from instance.people import rights, service, sessions
from instance.people.service import PersonView
from instance.people.views import RightView, SessionView
from instance.skills import service as skills
from instance.web import Routes, done, read, reading, respond, transaction, viewer

routes = Routes("people")


class Me(msgspec.Struct, frozen=True):
    """Everything on one's own page."""

    person: PersonView
    rights: list[RightView]
    sessions: list[SessionView]


class MeForm(msgspec.Struct):
    """The facts about oneself."""

    name: str
    language: str
    weekly_hours: float = 0
    email: str = ""
    phone: str = ""
    district: str = ""
    name_public: bool = False


class SkillForm(msgspec.Struct):
    """A skill by any of its names, and how well: 1 learning, 2 alone, 3 shows others."""

    skill: str
    level: int = 2


class CertificateForm(msgspec.Struct):
    """A certificate by any of its names, and the last day on which it holds."""

    certificate: str
    expires: date | None = None


class KeyForm(msgspec.Struct):
    """Which one."""

    key: str


class LanguagesForm(msgspec.Struct):
    """The languages somebody works in."""

    languages: list[str] = []


@routes.get(
    "/me",
    "Show one's own page",
    view=Me,
    scope="self",
    lists={"rights": N_("What I may do"), "sessions": N_("Where I am signed in")},
)
async def show_me(request: web.Request) -> web.Response:
    """Show what is kept of the person who asks."""
    who = viewer(request)
    async with reading(request) as tx:
        view = Me(
            await service.require_person(tx, who.person),
            await rights.rights_of(tx, who.person),
            await sessions.sessions(tx, who),
        )
    return respond(
        request,
        "people/me.html",
        view,
        vocabulary=skills.vocabulary(),
        places=skills.places(),
        spoken=LANGUAGES,
    )


@routes.post("/me", "Change the facts about oneself", form=MeForm, view=PersonView, page=show_me)
async def change_me(request: web.Request) -> web.Response:
    """Keep what was entered."""
    form = await read(request, MeForm)
    if not 0 <= form.weekly_hours <= 168:
        raise Invalid("A week has 168 hours.", field="weekly_hours")
    return await _change(
        request,
        "me",
        name=form.name,
        language=form.language,
        weekly_minutes=round(form.weekly_hours * 60),
        email=form.email,
        phone=form.phone,
        district=form.district,
        name_public=form.name_public,
    )


@routes.post("/me/skills", "Add a skill", form=SkillForm, view=PersonView, page=show_me)
async def add_skill(request: web.Request) -> web.Response:
    """Add a skill, or change how well it is known."""
    form = await read(request, SkillForm)
    key = _key("skill", form.skill)
    held = dict((await _person(request)).skills) | {key: form.level}
    return await _change(request, "skills", skills=tuple(held.items()))


@routes.post("/me/skills/remove", "Take a skill away", form=KeyForm, view=PersonView)
async def remove_skill(request: web.Request) -> web.Response:
    """Take a skill away."""
    form = await read(request, KeyForm)
    held = [one for one in (await _person(request)).skills if one[0] != form.key]
    return await _change(request, "skills", skills=tuple(held))


@routes.post(
    "/me/certificates",
    "Add a certificate",
    form=CertificateForm,
    view=PersonView,
    page=show_me,
)
async def add_certificate(request: web.Request) -> web.Response:
    """Add a certificate, or change until when it holds."""
    form = await read(request, CertificateForm)
    key = _key("certificate", form.certificate)
    held = dict((await _person(request)).certificates) | {key: form.expires}
    return await _change(request, "certificates", certificates=tuple(held.items()))


@routes.post("/me/certificates/remove", "Take a certificate away", form=KeyForm, view=PersonView)
async def remove_certificate(request: web.Request) -> web.Response:
    """Take a certificate away."""
    form = await read(request, KeyForm)
    held = [one for one in (await _person(request)).certificates if one[0] != form.key]
    return await _change(request, "certificates", certificates=tuple(held))


@routes.post(
    "/me/languages", "Say which languages one works in", form=LanguagesForm, view=PersonView
)
async def change_languages(request: web.Request) -> web.Response:
    """Keep which languages were ticked."""
    form = await read(request, LanguagesForm)
    return await _change(request, "languages", languages=tuple(form.languages))


async def _person(request: web.Request) -> PersonView:
    async with reading(request) as tx:
        return await service.require_person(tx, viewer(request).person)


async def _change(request: web.Request, place: str, **fields: object) -> web.Response:
    who = viewer(request).person
    async with transaction(request) as tx:
        await service.change_person(tx, who, **fields)
        view = await service.require_person(tx, who)
    return done(request, f"/me#{place}", view, said="Kept.")


def _key(kind: str, text: str) -> str:
    found = skills.vocabulary().find(kind, text)
    if found is None:
        raise Invalid("Nobody knows the word %(name)s.", field=kind, name=text[:60])
    return found.key
