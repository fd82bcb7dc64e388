"""Who is told of what, after all else: one table of what happened and who tells of it."""

from __future__ import annotations

from collections.abc import Mapping

from instance.agenda import events as agenda_events
from instance.alliances import events as alliances_events
from instance.consent import events as consent_events
from instance.db import Subscriber
from instance.enquiries import events as enquiries_events
from instance.groups import events as groups_events
from instance.loans import events as loans_events
from instance.moderation import events as moderation_events
from instance.network import events as network_events
from instance.notices import allying, covering, polled, reported, telling
from instance.notices import service as notices
from instance.people import events as people_events
from instance.polls import events as polls_events
from instance.records import events as records_events
from instance.staffing import events as staffing_events

TOLD: Mapping[type, Subscriber] = {
    people_events.SignInLinkMade: notices.send_sign_in_link,
    network_events.IdentityStated: telling.identity_stated,
    agenda_events.InvitationReceived: telling.invited,
    agenda_events.InvitationCalledOff: telling.not_asked,
    agenda_events.PromiseConfirmed: telling.confirmed,
    agenda_events.PromiseReleased: telling.released,
    agenda_events.PromiseEnded: telling.shift_over,
    agenda_events.DetailsReceived: telling.details_came,
    consent_events.SharingEndsSoon: telling.sharing_ends_soon,
    consent_events.SharingRanOut: telling.sharing_ran_out,
    groups_events.JoinAsked: telling.join_asked,
    groups_events.MemberLeft: telling.member_left,
    groups_events.BelongingBegan: telling.belonging_began,
    groups_events.BelongingRefused: telling.belonging_refused,
    groups_events.BelongingEnded: telling.belonging_ended,
    groups_events.GroupInvited: telling.group_invites,
    polls_events.PollAsked: polled.poll_asked,
    polls_events.PollHeard: polled.poll_asked,
    polls_events.PollTakenDown: polled.poll_gone,
    polls_events.PollDropped: polled.poll_gone,
    enquiries_events.EnquiryReceived: telling.enquiry_received,
    enquiries_events.EnquiryAnswered: telling.enquiry_answered,
    alliances_events.AllianceProposed: allying.alliance_proposed,
    alliances_events.AllianceMade: allying.alliance_made,
    alliances_events.AllianceRefused: allying.alliance_refused,
    alliances_events.AllianceEnded: allying.alliance_ended,
    loans_events.LoanAsked: telling.labour_asked,
    loans_events.AskWithdrawn: telling.ask_withdrawn,
    loans_events.LoanOffered: telling.loan_offered,
    loans_events.LoanAccepted: telling.loan_accepted,
    loans_events.LoanRefused: telling.loan_refused,
    loans_events.LoanChanged: telling.loan_changed,
    loans_events.LoanEnded: telling.loan_ended,
    staffing_events.PlacementUnconfirmed: covering.place_opened,
    staffing_events.NobodyLeft: covering.nobody_left,
    staffing_events.PlaceNamed: covering.place_named,
    moderation_events.ReportReceived: reported.report_received,
    records_events.HoursEntered: telling.hours_entered,
    records_events.HoursCorrected: telling.hours_corrected,
    records_events.WorkConfirmed: telling.work_confirmed,
    records_events.WorkDisputed: telling.work_disputed,
}
