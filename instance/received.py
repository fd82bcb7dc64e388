"""Who receives what: one table of every chain of types that means something here."""

from __future__ import annotations

from collections.abc import Sequence

from instance.agenda import activities as agenda_wire
from instance.alliances import activities as alliances_wire
from instance.enquiries import activities as enquiries_wire
from instance.follows import activities as follows_wire
from instance.groups import activities as groups_wire
from instance.groups import moving_wire
from instance.jobs import activities as jobs_wire
from instance.loans import activities as loans_wire
from instance.moderation import activities as moderation_wire
from instance.polls import activities as polls_wire
from instance.reception import Received
from instance.records import activities as records_wire
from instance.staffing import activities as staffing_wire

RECEIVERS: Sequence[Received] = (
    Received(("Join", "Group"), groups_wire.receive_join),
    Received(("Leave", "Group"), groups_wire.receive_leave),
    Received(("Undo", "Join", "*"), groups_wire.receive_undo_join),
    Received(("Accept", "Join", "*"), groups_wire.receive_accept),
    Received(("Reject", "Join", "*"), groups_wire.receive_reject),
    Received(("Remove", "Person"), groups_wire.receive_remove),
    Received(("Add", "Person"), groups_wire.receive_add),
    Received(("Invite", "Group"), groups_wire.receive_invite),
    Received(("Accept", "Invite", "Group"), groups_wire.receive_accepted_invite),
    Received(("Reject", "Invite", "Group"), groups_wire.receive_rejected_invite),
    Received(("Undo", "Invite", "Group"), groups_wire.receive_undone_invite),
    Received(("Create", "DataShare"), groups_wire.receive_share),
    Received(("Update", "DataShare"), groups_wire.receive_share),
    Received(("Delete", "DataShare"), groups_wire.receive_share_end),
    Received(("Move", "*"), moving_wire.receive_move, moving_wire.needs_of_move),
    Received(("Create", "Note"), polls_wire.receive_vote, when=polls_wire.is_vote),
    Received(("Update", "Note"), polls_wire.receive_changed_vote, when=polls_wire.is_vote),
    Received(("Create", "Question"), polls_wire.receive_question),
    Received(("Update", "Question"), polls_wire.receive_question),
    *(Received(one, polls_wire.receive_deleted) for one in polls_wire.DELETED),
    *(
        Received((verb, kind), jobs_wire.receive_job, when=jobs_wire.is_job)
        for verb in ("Create", "Update")
        for kind in ("Note", *jobs_wire.OTHER_PROPOSALS)
    ),
    Received(("Create", "Proposal"), jobs_wire.receive_job, when=jobs_wire.is_public_job),
    Received(("Update", "Proposal"), jobs_wire.receive_job, when=jobs_wire.is_public_job),
    Received(("Delete", "Note"), jobs_wire.receive_deleted),
    Received(("Delete", "Tombstone"), jobs_wire.receive_deleted),
    Received(("Delete", "*"), jobs_wire.receive_deleted_by_id),
    Received(("Accept", "Follow", "*"), follows_wire.receive_accept),
    Received(("Reject", "Follow", "*"), follows_wire.receive_reject),
    Received(("Announce", "*"), follows_wire.receive_announce, follows_wire.needs_of_announce),
    Received(
        ("Announce", "Create", "*"),
        follows_wire.receive_announced_post,
        follows_wire.needs_of_announced_post,
    ),
    *(
        Received((verb, kind), follows_wire.receive_post, when=follows_wire.is_post, besides=True)
        for verb in ("Create", "Update")
        for kind in follows_wire.POSTS
    ),
    *(Received(one, follows_wire.receive_deleted_post) for one in follows_wire.DELETED),
    Received(("Announce", "*"), polls_wire.receive_announce),  # has what follows_wire fetched
    Received(("Undo", "Announce", "*"), follows_wire.receive_undone_announce),
    Received(("Undo", "Announce", "Create", "*"), follows_wire.receive_undone_announce),
    *(Received(one, enquiries_wire.receive_note) for one in enquiries_wire.NOTES),
    *(Received(one, enquiries_wire.receive_deleted) for one in enquiries_wire.DELETED),
    *(Received((verb, "*"), jobs_wire.receive_reaction) for verb in jobs_wire.REACTIONS),
    *(Received(("Undo", one, "*"), jobs_wire.receive_undone_reaction) for one in jobs_wire.UNDONE),
    Received(("Undo", "EmojiReact"), jobs_wire.receive_undone_reaction),
    Received(("Offer", "Relationship"), alliances_wire.receive_offer),
    Received(("Accept", "Offer", "Relationship"), alliances_wire.receive_accept),
    Received(("Reject", "Offer", "Relationship"), alliances_wire.receive_reject),
    Received(("Undo", "Offer", "Relationship"), alliances_wire.receive_undone_offer),
    Received(("Undo", "Accept", "Offer", "Relationship"), alliances_wire.receive_undone_accept),
    Received(("Create", "Proposal"), loans_wire.receive_ask, when=loans_wire.is_ask),
    Received(("Update", "Proposal"), loans_wire.receive_ask, when=loans_wire.is_ask),
    *(
        Received((verb, kind), enquiries_wire.receive_intent)
        for verb in ("Create", "Update")
        for kind in ("Proposal", *jobs_wire.OTHER_PROPOSALS, *jobs_wire.INTENTS)
    ),
    Received(("Delete", "Proposal"), loans_wire.receive_withdrawn_ask),
    Received(("Offer", "Agreement"), enquiries_wire.receive_offer, when=enquiries_wire.is_offer),
    Received(
        ("Undo", "Offer", "Agreement"),
        enquiries_wire.receive_undone_offer,
        when=enquiries_wire.is_offer,
    ),
    Received(("Offer", "Agreement"), loans_wire.receive_offer),
    Received(("Accept", "Offer", "Agreement"), loans_wire.receive_accept),
    Received(("Reject", "Offer", "Agreement"), loans_wire.receive_reject),
    Received(("Update", "Agreement"), loans_wire.receive_change),
    Received(("Undo", "Offer", "Agreement"), loans_wire.receive_undone_offer),
    Received(("Undo", "Accept", "Offer", "Agreement"), loans_wire.receive_undone_accept),
    Received(("Invite", "Commitment"), agenda_wire.receive_invite),
    Received(("Undo", "Invite", "Commitment"), agenda_wire.receive_undo_invite),
    Received(("Accept", "Accept", "Invite", "Commitment"), agenda_wire.receive_accept),
    Received(("Reject", "Accept", "Invite", "Commitment"), agenda_wire.receive_reject),
    Received(("Create", "Event"), agenda_wire.receive_details),
    Received(("Update", "Event"), agenda_wire.receive_details),
    Received(("Delete", "Event"), agenda_wire.receive_deleted_details),
    Received(("Accept", "Invite", "Commitment"), staffing_wire.receive_accept),
    Received(("Reject", "Invite", "Commitment"), staffing_wire.receive_reject),
    Received(("Undo", "Accept", "Invite", "Commitment"), staffing_wire.receive_undo_accept),
    Received(("Create", "Commitment"), staffing_wire.receive_commitment),
    Received(("Undo", "Create", "Commitment"), staffing_wire.receive_undo_commitment),
    Received(("Announce", "Create", "Commitment"), staffing_wire.receive_announce),
    Received(("Undo", "Announce", "Create", "Commitment"), staffing_wire.receive_undo_announce),
    Received(("Create", "EconomicEvent"), records_wire.receive_hours),
    Received(("Create", "CheckIn"), records_wire.receive_check_in),
    Received(("Accept", "CheckIn"), records_wire.receive_accepted_check_in),
    Received(("Reject", "CheckIn"), records_wire.receive_rejected_check_in),
    Received(("Flag", "*"), moderation_wire.receive_flag),
    Received(("Accept", "Flag", "*"), moderation_wire.receive_accept),
    Received(("Reject", "Flag", "*"), moderation_wire.receive_reject),
    Received(("Accept", "EconomicEvent"), records_wire.receive_accept),
    Received(("Reject", "EconomicEvent"), records_wire.receive_reject),
)
"""Of those that share a chain of types, the first that is willing, and who hears it besides."""
