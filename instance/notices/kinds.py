"""Every kind of notice: how it is said, what else stands there, and whether it is sent."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from instance.language import N_


class Kind(msgspec.Struct, frozen=True):
    """How a kind of notice is said.

    `title` and `lines` are messages with places for the facts; a line of two stands only where the
    fact that it names first is there. `act` names the button that leads to where something can be
    done. `sent` sends it beyond the page, by the first of its reader's channels; what `insists`
    goes on to the next one while she has not read it. With `signs_in` the link in an e-mail or
    text signs in, once, so that an answer takes two taps.
    """

    title: str
    lines: tuple[str | tuple[str, str], ...] = ()
    act: str = ""
    icon: str = "bell"
    tone: str = "info"
    sent: bool = False
    insists: bool = False
    signs_in: bool = False


_SHIFT = (
    N_("When: %(when)s"),
    N_("Where: %(place)s"),
    N_("Working time: %(minutes)s"),
    N_("Pay: %(pay)s, all of it for you"),
)
_WHO = N_("For: %(group)s")


def _sharing(title: str) -> Kind:
    return Kind(
        title,
        (
            N_("Without it the group cannot plan for you, and nobody asks you for work."),
            N_("It goes on if you press Keep. You can end it at any time."),
        ),
        act=N_("Look it over"),
        icon="shield",
        tone="warn",
        sent=True,
        signs_in=True,
    )


_FOR_WORKERS = {
    "invited": Kind(
        N_("%(group)s asks you: %(title)s"),
        (
            *_SHIFT,
            ("people", N_("People for this shift: %(people)s, you counted.")),
            N_("Lent to %(borrower)s; you stay with %(group)s."),
            ("free", N_("Why you: you are free then and can do it.")),
            ("chosen", N_("Why you: a leader of your group chose you.")),
            ("clash", N_("Beware: it overlaps or comes too close to something you promised.")),
            N_("Please answer by %(by)s. A no costs you nothing and keeps your turn."),
        ),
        act=N_("Answer yes or no"),
        icon="mail",
        sent=True,
        insists=True,
        signs_in=True,
    ),
    "moved": Kind(
        N_("New time for %(title)s: can you still come?"),
        (
            N_("It was: %(was)s"),
            *_SHIFT,
            _WHO,
            N_("Please answer by %(by)s. Until then your old promise stands."),
        ),
        act=N_("Answer yes or no"),
        icon="swap",
        tone="warn",
        sent=True,
        insists=True,
        signs_in=True,
    ),
    "confirmed": Kind(
        N_("Confirmed: %(title)s, %(when)s"),
        (*_SHIFT[1:], _WHO, N_("Address: %(address)s"), N_("Call: %(contact)s")),
        act=N_("See where and whom to call"),
        icon="yes",
        tone="ok",
        sent=True,
    ),
    "details": Kind(
        N_("Where to go for %(title)s, %(when)s"),
        (
            N_("Address: %(address)s"),
            N_("Door: %(door)s"),
            N_("Call: %(contact)s"),
            N_("Bring: %(bring)s"),
        ),
        act=N_("See where and whom to call"),
        icon="place",
        sent=True,
    ),
    "not_needed": Kind(
        N_("Not needed this time: %(title)s, %(when)s"),
        (_WHO, N_("Your time is free again. You keep your turn.")),
        icon="undo",
        tone="calm",
        sent=True,
    ),
    "not_asked": Kind(
        N_("No longer asked: %(title)s, %(when)s"),
        (_WHO, N_("You keep your turn.")),
        icon="undo",
        tone="calm",
    ),
    "filled": Kind(
        N_("Filled: %(title)s, %(when)s"),
        (_WHO, N_("Somebody else comes. You keep your turn.")),
        icon="undo",
        tone="calm",
        sent=True,
    ),
    "hold_over": Kind(
        N_("Your time is free again: nobody confirmed %(title)s, %(when)s"),
        (_WHO, N_("You keep your turn.")),
        icon="expired",
        tone="calm",
        sent=True,
    ),
    "called_off": Kind(
        N_("Called off: %(title)s, %(when)s"),
        (_WHO, N_("Please do not go there. Your time is free again.")),
        act=N_("See my week"),
        icon="called-off",
        tone="bad",
        sent=True,
        insists=True,
    ),
    "hours_due": Kind(
        N_("Please enter your hours: %(title)s, %(when)s"),
        (_WHO, N_("They are filled in from the plan; change what was different.")),
        act=N_("Enter my hours"),
        icon="clock",
    ),
    "enquiry_answered": Kind(
        N_("%(group)s answers you"),
        (N_("About: %(about)s"), N_("They wrote: %(words)s")),
        act=N_("Read and answer"),
        icon="mail",
        sent=True,
    ),
    "poll": Kind(
        N_("%(group)s asks all of you something"),
        (N_("They ask: %(words)s"),),
        act=N_("Answer with one tap"),
        icon="help",
    ),
    "hours_confirmed": Kind(
        N_("Hours confirmed: %(minutes)s for %(title)s"),
        (_WHO, N_("When: %(when)s"), N_("Pay: %(pay)s")),
        act=N_("See my work record"),
        icon="yes",
        tone="ok",
    ),
    "hours_corrected": Kind(
        N_("%(group)s says %(their_minutes)s, you said %(minutes)s: %(title)s"),
        (
            N_("When: %(when)s"),
            N_("They wrote: %(words)s"),
            N_("Agree, or tell your side. What you both agree on counts at once."),
        ),
        act=N_("Agree or tell your side"),
        icon="edit",
        tone="warn",
        sent=True,
        signs_in=True,
    ),
    "joined": Kind(
        N_("You are a member of %(group)s now."),
        act=N_("See my groups"),
        icon="users",
        tone="ok",
        sent=True,
    ),
    "join_refused": Kind(
        N_("%(group)s did not take you as a member this time."),
        icon="no",
        tone="calm",
        sent=True,
    ),
    "group_invites": Kind(
        N_("%(group)s asks you to join."),
        (N_("You decide what they may know of you, one thing at a time."),),
        act=N_("See what they ask"),
        icon="users",
        sent=True,
        signs_in=True,
    ),
    "membership_over": Kind(
        N_("You no longer belong to %(group)s."),
        (N_("What you have promised already stands until you or they call it off."),),
        icon="users",
        tone="calm",
        sent=True,
    ),
    "sharing_ends_soon": _sharing(N_("What you share with %(group)s ends soon.")),
    "sharing_ran_out": _sharing(
        N_("You share nothing with %(group)s any more: the time you agreed to is over.")
    ),
    "own_key": Kind(
        N_("Your account has a new key of its own."),
        (N_("If that was not you, remove the key, and sign out everywhere else."),),
        act=N_("Look at my key"),
        icon="key",
        tone="warn",
        sent=True,
    ),
    "trial": Kind(
        N_("This is a test message."),
        (N_("What is sent to you by this way arrives."),),
        icon="bell",
        sent=True,
    ),
    "sign_in": Kind(
        N_("Your link to sign in"),
        (
            N_("It works once, for %(span_minutes)s."),
            N_("If you did not ask for it, do nothing: nobody can use it without this mail."),
        ),
        act=N_("Sign in"),
        icon="key",
        sent=True,
    ),
}

_FOR_LEADERS = {
    "to_ring": Kind(
        N_("Please ring %(person)s: %(title)s"),
        (*_SHIFT, N_("An answer is wanted by %(by)s. Enter what was said.")),
        act=N_("Enter the answer"),
        icon="phone",
        tone="warn",
        sent=True,
        insists=True,
    ),
    "join_asked": Kind(
        N_("Somebody asks to join %(group)s."),
        act=N_("Read and answer"),
        icon="user-plus",
        sent=True,
    ),
    "member_left": Kind(N_("A member has left %(group)s."), icon="users", tone="calm"),
    "place_opened": Kind(
        N_("A place is open again: %(title)s"),
        (N_("When: %(when)s"), N_("%(person)s cannot come."), _WHO),
        act=N_("Find cover"),
        icon="warning",
        tone="bad",
        sent=True,
        insists=True,
    ),
    "nobody_left": Kind(
        N_("Everybody was asked, and a place is still open: %(title)s"),
        (N_("When: %(when)s"), _WHO),
        act=N_("Find cover"),
        icon="warning",
        tone="bad",
        sent=True,
        insists=True,
    ),
    "place_named": Kind(
        N_("%(ally)s names who comes: %(title)s"),
        (N_("When: %(when)s"),),
        act=N_("See the places"),
        icon="hand",
        tone="ok",
    ),
    "asked_by_ally": Kind(
        N_("%(ally)s asks for people: %(title)s"),
        (
            N_("Places: %(places)s"),
            N_("When: %(when)s"),
            N_("Where: %(place)s"),
            N_("For the worker: %(pay)s an hour, and a levy of %(levy)s %% on top"),
            N_("Please answer by %(by)s."),
        ),
        act=N_("See what is asked"),
        icon="ally",
        sent=True,
        insists=True,
    ),
    "ask_withdrawn": Kind(
        N_("%(ally)s no longer asks for people: %(title)s"), icon="undo", tone="calm"
    ),
    "loan_offered": Kind(
        N_("%(ally)s offers people: %(title)s"),
        (N_("Places: %(places)s"), N_("When: %(when)s")),
        act=N_("Accept or refuse"),
        icon="hand",
        sent=True,
    ),
    "loan_accepted": Kind(
        N_("%(ally)s accepted our people: %(title)s"),
        (N_("Places: %(places)s"), N_("When: %(when)s"), N_("Now ask your own people.")),
        act=N_("Find people"),
        icon="yes",
        tone="ok",
        sent=True,
    ),
    "loan_refused": Kind(
        N_("%(ally)s did not take what we offered: %(title)s"),
        (N_("They wrote: %(words)s"),),
        icon="no",
        tone="calm",
    ),
    "loan_changed": Kind(
        N_("%(ally)s changed what was agreed: %(title)s"),
        (N_("Places now: %(places)s"), N_("When: %(when)s")),
        act=N_("See the places"),
        icon="swap",
        tone="warn",
        sent=True,
    ),
    "loan_ended": Kind(
        N_("%(ally)s ended what was agreed: %(title)s"),
        (N_("When: %(when)s"),),
        act=N_("See the places"),
        icon="called-off",
        tone="bad",
        sent=True,
    ),
    "alliance_proposed": Kind(
        N_("%(ally)s offers to be your ally."),
        (N_("Read the terms before you answer: both groups sign the same text."),),
        act=N_("Read the terms"),
        icon="ally",
        sent=True,
    ),
    "alliance_made": Kind(
        N_("%(ally)s and %(group)s are allies now."),
        act=N_("See our allies"),
        icon="ally",
        tone="ok",
        sent=True,
    ),
    "alliance_refused": Kind(
        N_("%(ally)s does not want our terms."), act=N_("See our allies"), icon="no", tone="calm"
    ),
    "alliance_ended": Kind(
        N_("The alliance with %(ally)s is over."),
        (N_("What was lent already stays agreed."),),
        act=N_("See our allies"),
        icon="ring",
        tone="warn",
        sent=True,
    ),
    "enquiry": Kind(
        N_("%(person)s asks %(group)s something"),
        (N_("About: %(about)s"), N_("They wrote: %(words)s")),
        act=N_("Read and answer"),
        icon="mail",
        sent=True,
    ),
    "reported": Kind(
        N_("Somebody reported something to us."),
        act=N_("Read and answer it"),
        icon="warning",
        tone="warn",
        sent=True,
    ),
    "hours_entered": Kind(
        N_("Hours to confirm: %(person)s, %(minutes)s for %(title)s"),
        (N_("When: %(when)s"),),
        act=N_("Confirm or correct"),
        icon="clock",
        sent=True,
    ),
    "hours_disputed": Kind(
        N_("Two statements about hours: %(person)s, %(title)s"),
        (
            N_("When: %(when)s"),
            N_("Still open: %(minutes)s"),
            N_("Written: %(words)s"),
            N_("What both agree on counts already."),
        ),
        act=N_("Read both sides"),
        icon="disputed",
        tone="bad",
        sent=True,
    ),
}

KINDS: Mapping[str, Kind] = {**_FOR_WORKERS, **_FOR_LEADERS}
