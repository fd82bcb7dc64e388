"""Whom to tell of what: every event of the other features that somebody has to hear of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from federation import Iri
from instance.agenda import events as agenda_events
from instance.agenda import service as agenda
from instance.consent import events as consent_events
from instance.consent import service as consent
from instance.db import Tx
from instance.enquiries import events as enquiries_events
from instance.errors import NotFound
from instance.groups import events as groups_events
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.loans import events as loans_events
from instance.loans import service as loans
from instance.network import service as network
from instance.network.events import IdentityStated
from instance.notices.service import tell, tell_leaders
from instance.people import service as people
from instance.records import events as records_events
from instance.records import service as records

_RELEASED = {
    agenda.PromiseState.CALLED_OFF: "called_off",
    agenda.PromiseState.EXPIRED: "hold_over",
    agenda.PromiseState.RELEASED: "not_needed",
}

# A worker's time ---------------------------------------------------------------------------------


async def invited(tx: Tx, happened: agenda_events.InvitationReceived) -> None:
    """Tell a person that she is asked, with all she needs to decide; and who answers for her."""
    asked = await agenda.promise(tx, happened.invite)
    if asked is None:
        return
    facts = await _facts_of(tx, asked)
    facts |= {
        "promise": asked.id,
        "by": asked.reply_by.isoformat(),
        "clash": bool(asked.clashes),
        "people": await jobs.people_wanted(tx, Iri(asked.opening), asked.job) or None,
        "free": "free_and_qualified" in asked.why,
        "chosen": "chosen_by_leader" in asked.why,
    }
    if asked.agreement and asked.receiver != asked.group:
        facts["borrower"] = (await records.group_names(tx, [asked.receiver]))[asked.receiver]
    older = await agenda.promise(tx, asked.replaces) if asked.replaces else None
    if older is not None:
        facts |= {"old_start": older.start.isoformat(), "old_end": older.end.isoformat()}
    kind = "moved" if older else "invited"
    link = f"/invitations/{asked.id}"
    await tell(tx, [happened.person], kind, facts, link, until=asked.reply_by)
    concierge = await consent.concierge_of(tx, happened.person)
    if concierge is not None:
        person = await people.require_person(tx, happened.person)
        facts["person"] = person.name
        await tell(tx, [concierge.leader], "to_ring", facts, "/week#ring", until=asked.reply_by)


async def confirmed(tx: Tx, happened: agenda_events.PromiseConfirmed) -> None:
    """Tell a person that her promise stands."""
    await _tell_of_promise(tx, happened.invite, "confirmed")


async def details_came(tx: Tx, happened: agenda_events.DetailsReceived) -> None:
    """Tell a confirmed person where exactly to go and whom to call."""
    promised = await agenda.promise(tx, happened.invite)
    if promised is None or promised.details is None:
        return
    facts = await _facts_of(tx, promised) | details_of(promised.details)
    link = f"/invitations/{promised.id}"
    await tell(tx, [promised.person], "details", facts, link, until=promised.end)


async def released(tx: Tx, happened: agenda_events.PromiseReleased) -> None:
    """Tell a person that her time is hers again, if it was not she who wanted it back."""
    promised = await agenda.promise(tx, happened.invite)
    kind = _RELEASED.get(promised.state) if promised else None
    if kind:
        await _tell_of_promise(tx, happened.invite, kind)


async def not_asked(tx: Tx, happened: agenda_events.InvitationCalledOff) -> None:
    """Tell a person that an invitation she had not answered is over, or that its place is taken."""
    kind = "filled" if happened.code == "filled" else "not_asked"
    await _tell_of_promise(tx, happened.invite, kind, link="")


async def shift_over(tx: Tx, happened: agenda_events.PromiseEnded) -> None:
    """Remind a person to enter her hours, unless entering them is what ended the shift."""
    promised = await agenda.promise(tx, happened.invite)
    if promised is not None and tx.now >= promised.end:
        await _tell_of_promise(tx, happened.invite, "hours_due", link="/record")


async def _tell_of_promise(tx: Tx, invite: Iri, kind: str, link: str | None = None) -> None:
    promised = await agenda.promise(tx, invite)
    if promised is None:
        return
    facts = await _facts_of(tx, promised)
    link = f"/invitations/{promised.id}" if link is None else link
    await tell(tx, [promised.person], kind, facts, link, until=promised.end)


async def _facts_of(tx: Tx, promised: agenda.PromiseView) -> dict[str, Any]:
    name = promised.group_name or (await records.group_names(tx, [promised.group]))[promised.group]
    return {
        "title": promised.title,
        "group": name,
        "start": promised.start.isoformat(),
        "end": promised.end.isoformat(),
        "timezone": promised.timezone,
        "place": promised.district,
        "minutes": promised.minutes,
        "cents": records.pay_cents(promised.minutes, promised.pay_cents_per_hour),
        "currency": promised.currency,
    }


def details_of(document: dict[str, Any]) -> dict[str, str]:
    """Read what a confirmed person was told: address, door, whom to call, what to bring."""
    contact = document.get("contact")
    named = [contact.get(one) for one in ("name", "phone")] if isinstance(contact, dict) else []
    found = {one: document.get(one) for one in ("address", "door", "bring")}
    found["contact"] = " ".join(one for one in named if isinstance(one, str)).strip()
    return {name: one for name, one in found.items() if isinstance(one, str) and one}


# Groups ------------------------------------------------------------------------------------------


async def join_asked(tx: Tx, happened: groups_events.JoinAsked) -> None:
    """Tell the leaders that somebody asks to join; of strangers who are limited the page tells."""
    asked = await groups.request(tx, happened.membership)
    if await _is_limited_stranger(tx, happened.group, asked.person):
        return
    name = await own_name(tx, happened.group)
    link = f"/groups/{_token(happened.group)}/members"
    await tell_leaders(tx, happened.group, "join_asked", {"group": name}, link)


async def member_left(tx: Tx, happened: groups_events.MemberLeft) -> None:
    """Tell the leaders that a member has left, and not why."""
    name = await own_name(tx, happened.group)
    link = f"/groups/{_token(happened.group)}/members"
    await tell_leaders(tx, happened.group, "member_left", {"group": name}, link)


async def belonging_began(tx: Tx, happened: groups_events.BelongingBegan) -> None:
    """Tell a person that a group took her in."""
    await _tell_of_group(tx, happened.person, happened.group, "joined")


async def identity_stated(tx: Tx, happened: IdentityStated) -> None:
    """Tell a person that her account has a key of its own: should it not be hers, she knows."""
    if await network.identity_of(tx, happened.person):
        await tell(tx, [happened.person], "own_key", {}, "/me/key")


async def belonging_refused(tx: Tx, happened: groups_events.BelongingRefused) -> None:
    """Tell a person that a group did not take her in."""
    await _tell_of_group(tx, happened.person, happened.group, "join_refused")


async def belonging_ended(tx: Tx, happened: groups_events.BelongingEnded) -> None:
    """Tell a person that she no longer belongs to a group."""
    await _tell_of_group(tx, happened.person, happened.group, "membership_over")


async def sharing_ends_soon(tx: Tx, happened: consent_events.SharingEndsSoon) -> None:
    """Tell a person that an agreement of hers ends, in time to let it go on."""
    await _tell_of_group(tx, happened.person, happened.group, "sharing_ends_soon", "/me/sharing")


async def sharing_ran_out(tx: Tx, happened: consent_events.SharingRanOut) -> None:
    """Tell a person that a group knows nothing of her any more, and how to go on."""
    await _tell_of_group(tx, happened.person, happened.group, "sharing_ran_out", "/me/sharing")


async def group_invites(tx: Tx, happened: groups_events.GroupInvited) -> None:
    """Tell a person that a group asks her to join, unless it is a limited stranger."""
    if network.is_limited(tx, happened.group):
        return
    await _tell_of_group(tx, happened.person, happened.group, "group_invites")


async def _tell_of_group(tx: Tx, person: Iri, group: Iri, kind: str, link: str = "/groups") -> None:
    names = {one.group: one.name for one in await groups.standings(tx, person)}
    name = names.get(group) or (await records.group_names(tx, [group]))[group]
    await tell(tx, [person], kind, {"group": name}, link)


# Places and allies -------------------------------------------------------------------------------


async def labour_asked(tx: Tx, happened: loans_events.LoanAsked) -> None:
    """Tell our leaders that an ally asks for people: counts and hours, and nobody's name."""
    if happened.side != loans.Side.LENDER:
        return
    asked = await loans.ask(tx, happened.ask, happened.side)
    facts = _ask_facts(asked, asked.places) | {"by": asked.until.isoformat()}
    link = f"/allies/requests/{asked.id}"
    await tell_leaders(tx, asked.group, "asked_by_ally", facts, link, until=asked.until)


async def ask_withdrawn(tx: Tx, happened: loans_events.AskWithdrawn) -> None:
    """Tell our leaders that an ally needs nobody any more."""
    if happened.side != loans.Side.LENDER:
        return
    asked = await loans.ask(tx, happened.ask, happened.side)
    facts = {"ally": asked.ally_name, "title": asked.title}
    await tell_leaders(tx, asked.group, "ask_withdrawn", facts, "/allies/requests")


async def loan_offered(tx: Tx, happened: loans_events.LoanOffered) -> None:
    """Tell the borrower's leaders that an ally offers people."""
    if happened.side == loans.Side.BORROWER:
        await _tell_of_loan(tx, happened.loan, happened.side, "loan_offered")


async def loan_accepted(tx: Tx, happened: loans_events.LoanAccepted) -> None:
    """Tell the lender's leaders that what they offered is wanted."""
    if happened.side == loans.Side.LENDER:
        await _tell_of_loan(tx, happened.loan, happened.side, "loan_accepted")


async def loan_refused(tx: Tx, happened: loans_events.LoanRefused) -> None:
    """Tell the lender's leaders that what they offered was not taken, and why."""
    if happened.side == loans.Side.LENDER:
        await _tell_of_loan(tx, happened.loan, happened.side, "loan_refused", words=happened.text)


async def loan_changed(tx: Tx, happened: loans_events.LoanChanged) -> None:
    """Tell our leaders that the other side changed a loan."""
    if not happened.by_us:
        await _tell_of_loan(tx, happened.loan, happened.side, "loan_changed")


async def loan_ended(tx: Tx, happened: loans_events.LoanEnded) -> None:
    """Tell our leaders that the other side ended a loan."""
    if not happened.by_us:
        await _tell_of_loan(tx, happened.loan, happened.side, "loan_ended")


async def _tell_of_loan(tx: Tx, loan: Iri, side: str, kind: str, words: str = "") -> None:
    found = await loans.loan(tx, loan, side)
    facts = _ask_facts(found.ask, found.places) | {"words": words}
    link = f"/loans/{found.id}" + ("/staffing" if kind == "loan_accepted" else "")
    await tell_leaders(tx, found.group, kind, facts, link)


def _ask_facts(asked: loans.AskView, places: tuple[loans.PlaceView, ...]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "ally": asked.ally_name,
        "title": asked.title,
        "places": sum(one.places for one in places),
        "place": asked.district,
        "cents": asked.rate_cents_per_hour,
        "currency": asked.currency,
        "levy": asked.levy_percent,
    }
    if places:
        facts |= _span(min(one.start for one in places), max(one.end for one in places))
        facts["timezone"] = places[0].timezone
    return facts


async def enquiry_received(tx: Tx, happened: enquiries_events.EnquiryReceived) -> None:
    """Tell the leaders of a group that somebody asks it something, unless she is limited."""
    if not await _is_limited_stranger(tx, happened.group, happened.asker):
        facts = {"person": happened.other, "group": happened.group_name, "about": happened.title}
        facts["words"] = happened.text
        await tell_leaders(tx, happened.group, "enquiry", facts, f"/enquiries/{happened.enquiry}")


async def enquiry_answered(tx: Tx, happened: enquiries_events.EnquiryAnswered) -> None:
    """Tell a person what a group answers her."""
    facts = {"group": happened.group_name, "about": happened.title, "words": happened.text}
    await tell(tx, [happened.asker], "enquiry_answered", facts, f"/enquiries/{happened.enquiry}")


# Hours -------------------------------------------------------------------------------------------


async def hours_entered(tx: Tx, happened: records_events.HoursEntered) -> None:
    """Tell the leaders of the group whose job it was that hours wait for them."""
    if happened.side == records.Side.GROUP:
        await _tell_of_hours(tx, happened.event, records.Side.GROUP, "hours_entered")


async def hours_corrected(tx: Tx, happened: records_events.HoursCorrected) -> None:
    """Tell the worker that the group says other hours."""
    if happened.side == records.Side.WORKER:
        await _tell_of_hours(tx, happened.event, records.Side.WORKER, "hours_corrected")


async def work_confirmed(tx: Tx, happened: records_events.WorkConfirmed) -> None:
    """Tell the worker that her hours count."""
    if happened.side == records.Side.WORKER:
        await _tell_of_hours(tx, happened.event, records.Side.WORKER, "hours_confirmed")


async def work_disputed(tx: Tx, happened: records_events.WorkDisputed) -> None:
    """Tell the leaders of both groups that two statements stand open."""
    if happened.side in {records.Side.GROUP, records.Side.LENDER}:
        await _tell_of_hours(tx, happened.event, records.Side(happened.side), "hours_disputed")


async def _tell_of_hours(tx: Tx, event: Iri, side: records.Side, kind: str) -> None:
    row = await records.record(tx, event, side)
    if kind == "hours_confirmed" and not row.minutes:
        return
    facts = {
        "title": row.title,
        "group": row.group_name,
        "person": row.person_name,
        "minutes": row.minutes,
        "their_minutes": row.proposed,
        "words": row.words if kind == "hours_disputed" else row.answer,
        "cents": row.cents,
        "currency": row.currency,
        "timezone": row.timezone,
        **_span(row.started, row.ended),
    }
    if side is records.Side.WORKER:
        await tell(tx, [row.person], kind, facts, f"/record#hours-{row.id}")
        return
    reader = row.lender if side is records.Side.LENDER and row.lender else row.group
    await tell_leaders(tx, reader, kind, facts, f"/hours?group={_token(reader)}")


# Parts -------------------------------------------------------------------------------------------


async def opening_facts(tx: Tx, opening: Iri, *, lent: bool = False) -> tuple[dict[str, Any], str]:
    """Return what is known of an opening, ours or one that we lend people for, and its page."""
    try:
        job, shift, _ = await jobs.opening(tx, opening)
    except NotFound:
        lent = True
    if lent:
        return await _lent_facts(tx, opening)
    facts = {"title": job.title, "timezone": shift.timezone, **_span(shift.start, shift.end)}
    return facts, f"/jobs/{job.token}/staffing"


async def _lent_facts(tx: Tx, opening: Iri) -> tuple[dict[str, Any], str]:
    for loan in await loans.loans_at(tx, [opening], loans.Side.LENDER):
        place = next(one for one in loan.places if one.opening == opening)
        facts = {"timezone": place.timezone, **_span(place.start, place.end)}
        return facts | {"title": loan.ask.title}, f"/loans/{loan.id}/staffing"
    return {"title": "…"}, "/today"


async def _is_limited_stranger(tx: Tx, group: Iri, person: Iri) -> bool:
    limited = network.is_limited(tx, person)
    return limited and not await groups.is_member(tx, group, person)


async def own_name(tx: Tx, group: Iri) -> str:
    """Return what a group of ours is called."""
    return (await records.group_names(tx, [group]))[group]


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


def _token(iri: str) -> str:
    return iri.rpartition("/")[2]
