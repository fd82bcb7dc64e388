"""The server on one page: its features, who receives what, who hears of what, what comes later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import cache
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from federation import Federation
from federation.fetch import Reach
from federation.keypool import KeyPool
from federation.limits import Limits
from instance import __version__, api, due, gate, idempotency, reconciliation, warm
from instance.agenda import activities as agenda_wire
from instance.agenda import events as agenda_events
from instance.agenda import promises as agenda_promises
from instance.agenda import service as agenda
from instance.alliances import activities as alliances_wire
from instance.alliances import balances
from instance.alliances import events as alliances_events
from instance.alliances import routes as alliances_routes
from instance.alliances import service as alliances
from instance.clock import Clock, system_clock
from instance.consent import events as consent_events
from instance.consent import routes as consent_routes
from instance.consent import service as consent
from instance.courier import Courier
from instance.db import Database, Subscriber
from instance.directory import InstanceDirectory
from instance.enquiries import activities as enquiries_wire
from instance.enquiries import events as enquiries_events
from instance.enquiries import routes as enquiries_routes
from instance.enquiries import service as enquiries
from instance.follows import activities as follows_wire
from instance.follows import events as follows_events
from instance.follows import posts
from instance.follows import routes as follows_routes
from instance.follows import service as follows
from instance.groups import activities as groups_wire
from instance.groups import announcing, moving_wire, sharing
from instance.groups import events as groups_events
from instance.groups import routes as groups_routes
from instance.groups.routes import public as groups_public
from instance.home import routes as home_routes
from instance.jobs import activities as jobs_wire
from instance.jobs import events as jobs_events
from instance.jobs import known as jobs_known
from instance.jobs import repeating as jobs_repeating
from instance.jobs import routes as jobs_routes
from instance.ledger import routes as ledger_routes
from instance.loans import activities as loans_wire
from instance.loans import events as loans_events
from instance.loans import following as loans_following
from instance.loans import hours as loans_hours
from instance.loans import refusals as loans_refusals
from instance.loans import routes as loans_routes
from instance.moderation import activities as moderation_wire
from instance.moderation import events as moderation_events
from instance.moderation import reporting
from instance.moderation import routes as moderation_routes
from instance.network import events as network_events
from instance.network import keys as network_keys
from instance.network import routes as network_routes
from instance.network import service as network
from instance.notices import channels, post, sending
from instance.notices import routes as notices_routes
from instance.notices import service as notices
from instance.pages import Pages
from instance.people import attempts, sessions, signin
from instance.people import events as people_events
from instance.people import routes as people_routes
from instance.polls import activities as polls_wire
from instance.polls import events as polls_events
from instance.polls import routes as polls_routes
from instance.polls import service as polls
from instance.received import RECEIVERS
from instance.reception import register
from instance.records import activities as records_wire
from instance.records import events as records_events
from instance.records import routes as records_routes
from instance.records import service as records
from instance.settings import Settings
from instance.skills import routes as skills_routes
from instance.spreadsheets import routes as spreadsheets_routes
from instance.staffing import activities as staffing_wire
from instance.staffing import cascade, concern, placements, places
from instance.staffing import events as staffing_events
from instance.staffing import following as staffing_following
from instance.staffing import instead as staffing_instead
from instance.staffing import routes as staffing_routes
from instance.staffing import service as staffing
from instance.told import TOLD
from instance.waking import Waker
from instance.web import DATABASE, JSON, MOST_SENT, OPERATIONS, PAGES, SETTINGS, Routes

# Every feature with pages, from the lowest rank to the highest.
FEATURES: Sequence[Routes] = (
    network_routes.routes,
    skills_routes.routes,
    people_routes.routes,
    consent_routes.routes,
    groups_routes.routes,
    ledger_routes.routes,
    alliances_routes.routes,
    jobs_routes.routes,
    follows_routes.routes,
    polls_routes.routes,
    enquiries_routes.routes,
    loans_routes.routes,
    staffing_routes.routes,
    records_routes.routes,
    moderation_routes.routes,
    spreadsheets_routes.routes,
    notices_routes.routes,
    home_routes.routes,
)

SUBSCRIBERS: Mapping[type, Sequence[Subscriber]] = {
    network_events.ActorChanged: (announcing.send_update,),
    network_events.KeysChanged: (announcing.send_update,),
    network_events.IdentityStated: (announcing.send_identity,),
    network_events.Blocked: (follows.on_blocked,),
    network_events.BlockedByThem: (follows.on_blocked_by_them,),
    agenda_events.AvailabilityChanged: (sharing.push_soon,),
    agenda_events.TimeHeld: (agenda_wire.send_accept,),
    agenda_events.InvitationRefused: (agenda_wire.send_reject,),
    agenda_events.HoldEnded: (agenda_wire.send_undo_accept,),
    agenda_events.PromiseConfirmed: (agenda_wire.send_commitment,),
    agenda_events.PromiseWithdrawn: (agenda_wire.send_undo_commitment,),
    people_events.PersonChanged: (sharing.push_soon,),
    consent_events.SharingAgreed: (sharing.push_now,),
    consent_events.SharingEnded: (sharing.push_now,),
    groups_events.BelongingBegan: (sharing.push_now, announcing.send_identity_to_new_group),
    groups_events.JoinWritten: (groups_wire.send_join,),
    groups_events.LeaveWritten: (groups_wire.send_leave,),
    groups_events.JoinAnswered: (groups_wire.send_answer,),
    groups_events.MemberRemoved: (groups_wire.send_remove,),
    groups_events.PersonAsked: (groups_wire.send_invite,),
    groups_events.MembershipTaken: (groups_wire.send_add,),
    groups_events.AccountMoved: (moving_wire.send_move,),
    groups_events.AccountArrived: (moving_wire.send_arrival,),
    groups_events.MemberJoined: (jobs_wire.send_to_new_member,),
    jobs_events.JobPosted: (jobs_wire.send_posted,),
    follows_events.FollowWritten: (follows_wire.send_follow,),
    follows_events.FollowEnded: (follows_wire.send_undo,),
    follows_events.JobPassedOn: (follows_wire.send_announce,),
    follows_events.JobNotPassedOn: (follows_wire.send_undone_announce,),
    follows_events.PassingOnEnded: (polls.on_passing_on_ended,),
    polls_events.PollAsked: (polls_wire.send_asked,),
    polls_events.PollCounted: (polls_wire.send_counted,),
    polls_events.PollTakenDown: (polls_wire.send_taken_down,),
    polls_events.VoteCast: (polls_wire.send_vote,),
    enquiries_events.OfferAnswered: (enquiries_wire.send_offer_answer,),
    enquiries_events.LineWritten: (enquiries_wire.send_line,),
    alliances_events.AllianceOffered: (alliances_wire.send_offer,),
    alliances_events.AllianceAnswered: (alliances_wire.send_answer,),
    alliances_events.AllianceEnded: (alliances_wire.send_end,),
    jobs_events.JobChanged: (
        jobs_wire.send_changed,
        loans_following.on_job_changed,
        staffing_wire.send_changed_details,
    ),
    jobs_events.JobCalledOff: (jobs_wire.send_called_off, loans_following.on_job_changed),
    jobs_events.ShiftMoved: (
        loans_following.on_shift_moved,
        staffing_following.on_shift_moved,
    ),
    jobs_events.ShiftCalledOff: (
        loans_following.on_shift_called_off,
        staffing_following.on_shift_called_off,
    ),
    loans_events.LoanAsked: (loans_wire.send_ask,),
    loans_events.AskChanged: (loans_wire.send_changed_ask,),
    loans_events.AskWithdrawn: (loans_wire.send_withdrawn_ask,),
    loans_events.LoanOffered: (loans_wire.send_offer,),
    loans_events.LoanAccepted: (loans_wire.send_accept, cascade.on_loan_accepted),
    loans_events.LoanRefused: (loans_wire.send_refusal,),
    loans_events.LoanChanged: (loans_wire.send_changed, staffing_following.on_loan_changed),
    loans_events.LoanMoved: (loans_wire.send_moved, staffing_following.on_loan_moved),
    loans_events.LoanEnded: (loans_wire.send_end, staffing_following.on_loan_ended),
    groups_events.MemberMoved: (staffing_following.on_member_moved,),
    staffing_events.PersonInvited: (staffing_wire.send_invite,),
    staffing_events.AnswerConfirmed: (staffing_wire.send_accept,),
    staffing_events.AnswerNotNeeded: (staffing_wire.send_reject,),
    staffing_events.PlacementCalledOff: (staffing_wire.send_undo_invite,),
    staffing_events.PlacementConfirmed: (
        staffing_instead.on_placement_confirmed,
        cascade.on_placement_confirmed,
        staffing_wire.send_announce,
        staffing_wire.send_details,
    ),
    staffing_events.PlacementUnconfirmed: (
        staffing_wire.send_undo_announce,
        staffing_wire.send_deleted_details,
    ),
    staffing_events.PlacementEnded: (cascade.on_placement_ended,),
    staffing_events.PlaceNamed: (staffing_wire.send_details_to_named,),
    staffing_events.PlaceUnnamed: (staffing_wire.send_deleted_details_to_named,),
    moderation_events.ReportWritten: (moderation_wire.send_flag,),
    moderation_events.ReportAnswered: (moderation_wire.send_answer,),
    records_events.CheckedIn: (records_wire.send_check_in,),
    records_events.CheckInAnswered: (records_wire.send_check_in_answer,),
    records_events.HoursStated: (records_wire.send_hours,),
    records_events.HoursAccepted: (records_wire.send_accept,),
    records_events.HoursRejected: (records_wire.send_reject,),
}

DUE: Mapping[str, due.Handler] = {
    notices.FORGET: notices.forget,
    sending.NEXT: sending.send_next,
    idempotency.KIND: idempotency.forget,
    network_keys.FORGET: network_keys.forget,
    attempts.FORGET: attempts.forget,
    sessions.FORGET: sessions.forget,
    consent.EXPIRE: consent.expire,
    consent.REMIND: consent.remind,
    sharing.PUSH: groups_wire.push_share,
    jobs_known.FORGET: jobs_known.drop,
    jobs_repeating.REPEAT: jobs_repeating.repeat_due,
    follows.FORGET: follows.forget_shared,
    posts.FORGET: posts.forget_day,
    polls.CLOSE: polls.end,
    polls.TELL: polls.tell,
    polls.FORGET: polls.forget_over,
    enquiries.FORGET: enquiries.forget,
    agenda_promises.HOLD_EXPIRES: agenda.expire_due,
    agenda_promises.SHIFT_ENDS: agenda.end_due,
    placements.REPLY_DUE: placements.reply_due,
    placements.SHIFT_ENDS: placements.end_due,
    cascade.CASCADE: cascade.step_due,
    cascade.FAIR_WINDOW: cascade.fair_window_over,
    places.PLACE_ENDS: places.end_place,
    records.FORGET_CODE: records.forget_code,
    records.FORGET_CHECK_IN: records.forget_check_in,
    reporting.FORGET: reporting.forget,
    staffing.FORGET_SHORTLIST: staffing.forget_shortlist,
}

FEDERATION = web.AppKey("federation", Federation)
COURIER = web.AppKey("courier", Courier)
WAKER = web.AppKey("waker", Waker)
POSTMAN = web.AppKey("postman", post.Postman)


def create_app(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    keys: KeyPool | None = None,
    reach: Reach | None = None,
    courier: bool = True,
) -> web.Application:
    """Put the server together; with `courier` it also runs the background loop."""
    database = Database(settings, clock=clock, subscribers=subscribers())
    federation = Federation(
        directory=InstanceDirectory(settings),
        database=database,
        store=database.store,
        clock=clock,
        reach=reach or reach_of(settings),
        keys=keys,
        limits=limits_of(settings),
    )
    database.federation = federation
    app = web.Application(middlewares=_middlewares(database), client_max_size=MOST_SENT)
    app[SETTINGS], app[DATABASE], app[FEDERATION] = settings, database, federation
    app[PAGES] = Pages(settings)
    app[WAKER], app[COURIER] = Waker(database), Courier(database, federation, DUE)
    app[POSTMAN] = post.Postman(database, app[PAGES], signin.make_link)
    _introduce(app)
    _add_routes(app)
    home_routes.open_streams(app)
    app.cleanup_ctx.append(_running(courier))
    return app


def _middlewares(database: Database) -> list[Middleware]:
    """Return what every request passes, from the outside in."""
    return [
        gate.lead_to_inbox(database.federation.inbox.receive),
        warm.keep_warm(database),
        gate.guard_headers,
        gate.explain_errors,
        database.federation.guard,
        gate.bound_bodies,
        gate.try_again,
        gate.know_the_viewer,
        idempotency.answer_once,
    ]


def subscribers() -> dict[type, Sequence[Subscriber]]:
    """Return who hears of what, those who tell people last."""
    told = {happened: (one,) for happened, one in TOLD.items()}
    both = SUBSCRIBERS.keys() | told.keys()
    return {one: (*SUBSCRIBERS.get(one, ()), *told.get(one, ())) for one in both}


def reach_of(settings: Settings) -> Reach:
    """Return where this instance may connect to, by its settings."""
    return Reach(
        plain_http=settings.plain_http,
        loopback=settings.loopback_peers,
        user_agent=f"ayni/{__version__} (+{settings.origin})",
    )


def limits_of(settings: Settings) -> Limits:
    """Return how much one other server may send, by this instance's settings."""
    rate = settings.peer_per_second
    return Limits(per_second=rate, at_once=20 * rate, most_waiting=settings.peer_waiting)


def _add_routes(app: web.Application) -> None:
    app[OPERATIONS] = [operation for feature in FEATURES for operation in feature.operations]
    app.add_routes(app[FEDERATION].routes())
    app.add_routes(app[PAGES].routes())
    app.router.add_get("/openapi.json", api.show_openapi)
    resources, app[gate.LIMITS] = _addresses()
    for resource in resources:
        app.router.register_resource(resource)


@cache
def _addresses() -> tuple[Sequence[web.AbstractResource], dict[Any, int]]:
    """Return every feature's addresses, with how large a body each handler takes.

    Made once in a process: they know no application, and there are hundreds.
    """
    router, limits = web.UrlDispatcher(), {}
    for operation in (one for feature in FEATURES for one in feature.operations):
        handler = gate.served(operation)
        limits[handler] = operation.most_bytes
        if operation.media == JSON:
            router.add_route(operation.method, f"{operation.path}.json", handler)
        router.add_route(operation.method, operation.path, handler)
        for name in operation.lists:
            router.add_get(operation.list_path(name), gate.listing(operation, name))
    return tuple(router.resources()), limits


def _introduce(app: web.Application) -> None:
    """Give pages, and federation, what features above their own know."""
    books = {reconciliation.BALANCES: balances.shared_items}
    reconciliation.introduce(app[FEDERATION], books)
    register(app[FEDERATION], RECEIVERS)
    app[FEDERATION].standings.on_block = network.tell_of_block
    app[FEDERATION].synchronizing.followings = follows_wire.Followings()
    if app[SETTINGS].allies_only:
        app[FEDERATION].standings.only = alliances.allied_origins
    app[gate.AUTHENTICATE] = notices_routes.counting(people_routes.authenticate)
    app[gate.WAYS] = loans_refusals.WAYS
    app[groups_public.QUESTIONS] = polls.questions_of
    app[staffing_routes.ASK_ALLIES] = alliances_wire.ask_allies
    app[home_routes.WEEKS] = staffing.Weeks(app[DATABASE], alliances_wire.ask_allies)
    app[loans_routes.CONCERNED] = concern.by_loan
    app[alliances_routes.CONCERNED] = concern.by_alliance
    app[alliances_routes.HOURS] = loans_hours.hours_between


def _running(courier: bool) -> Callable[[web.Application], AsyncIterator[None]]:
    async def run(app: web.Application) -> AsyncIterator[None]:
        await app[FEDERATION].start()
        async with app[DATABASE].transaction() as tx:
            await network.ensure_instance_actor(tx)
            await channels.ensure_push_key(tx)
            if courier and app[SETTINGS].on_sqlite:
                await app[FEDERATION].take_over(tx)
        app[WAKER].start()
        if courier:
            app[COURIER].start()
            app[POSTMAN].start()
        yield
        await app[home_routes.WEEKS].close()
        await app[POSTMAN].stop()
        await app[COURIER].stop()
        await app[WAKER].stop()
        await app[FEDERATION].close()
        await app[DATABASE].close()

    return run
