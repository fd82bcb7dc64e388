"""Why labour cannot be asked, lent or borrowed: the clause by its name, and a way out of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from instance.language import N_
from instance.loans.models import Side


class Refusal(msgspec.Struct, frozen=True):
    """The clause or the reason that a code stands for, and what can be done instead."""

    clause: str
    way: str


REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        "terms.employer": Refusal(
            N_("The clause on the employer says of nobody that they employ those who are lent."),
            N_("Offer your ally terms that say who employs them; once both have accepted, go on."),
        ),
        "terms.insurer": Refusal(
            N_("The clause on insurance names nobody who insures those who are lent."),
            N_("Offer your ally terms that name an insurer; once both have accepted, go on."),
        ),
        "terms.end": Refusal(
            N_("The clause on the end: the terms end before this work is over."),
            N_("Take only shifts before that day, or offer your ally terms that last longer."),
        ),
        "terms.no_time": Refusal(
            N_("The clause on hours counts working time, and there is none in this."),
            N_("Look at the hours of the shift and at its break, and mend the job."),
        ),
        "terms.minutes_limit": Refusal(
            N_("The clause on the limit leaves fewer hours than this."),
            N_(
                "Choose fewer places, ask another ally, wait until what is owed was worked off, or"
                " offer your ally terms with a higher limit."
            ),
        ),
        "terms.notice": Refusal(
            N_("The clause on notice: it is too late to take places back."),
            N_("Speak with your ally: it can still give places back of its own accord."),
        ),
        "terms.ended": Refusal(
            N_("The alliance between you is over, and so are its terms."),
            N_("Offer them an alliance anew, or turn to another ally."),
        ),
        "terms.one_hop": Refusal(
            N_("The clause on lending on: what is borrowed is not lent on."),
            N_("Fill those places with people of your own, or give them back to who asked you."),
        ),
        "ask.withdrawn": Refusal(
            N_("This was asked, and taken back."),
            N_("Nothing is needed from you. If you have people to spare, tell your ally."),
        ),
        "ask.lapsed": Refusal(
            N_("The time to answer this ask is over."),
            N_("Tell your ally that you could still help: it can ask you anew."),
        ),
        "ask.over": Refusal(
            N_("This ask was answered, put aside or taken back already."),
            N_("Look at how it stands now; if people are still wanted, ask anew."),
        ),
        "ask.places": Refusal(
            N_("More than was asked for, or something else."),
            N_("Look at the ask again: at most what is still open in it can be offered."),
        ),
        "ask.changed": Refusal(
            N_("The job has changed since: its hours are not those that were offered for."),
            N_("The ally was told the new hours. What is offered for those can be accepted."),
        ),
        "ask.too_many": Refusal(
            N_("Too many asks of this ally are open already."),
            N_("Answer some of them, or put them aside."),
        ),
        "job.closed": Refusal(
            N_("The job, or this place in it, takes nobody any more."),
            N_("If the work goes on, post a new job and ask your allies for that."),
        ),
        "loan.empty": Refusal(
            N_("There are no places in this."),
            N_("Say for at least one place how many people you mean."),
        ),
        "loan.places": Refusal(
            N_("A loan never grows: only as many places can stay as were lent."),
            N_("If more are needed, they are asked for and offered anew."),
        ),
        "loan.over": Refusal(
            N_("This loan was accepted, refused or ended meanwhile."),
            N_("Look at how it stands now."),
        ),
        "loan.begun": Refusal(
            N_("The work has begun: nobody is called off any more."),
            N_("Let the shift end. Whoever came enters her hours, and both sides confirm them."),
        ),
        "loan.room": Refusal(
            N_("Every place of the job is promised already."),
            N_("Refuse this offer, or give another ally's places back first."),
        ),
        "loan.result": Refusal(
            N_("What was accepted is not what was offered."),
            N_("Speak with your ally, and offer what both of you mean."),
        ),
        "loan.refused": Refusal(
            N_("Their leader said no."),
            N_("Nothing was promised. If they ask again, you can offer again."),
        ),
        "replaces.more": Refusal(
            N_("Only fewer places take the place of what was agreed."),
            N_("What was agreed stands. More places are asked for and offered anew."),
        ),
        "taken_back": Refusal(
            N_("The lender took its places back."),
            N_("Find people of your own for them, or ask another ally."),
        ),
        "called_off": Refusal(
            N_("The borrower needs these places no longer."),
            N_("Those who had promised were called off and have been told."),
        ),
    }
)

WAYS: Mapping[str, str] = MappingProxyType({code: one.way for code, one in REFUSALS.items()})
"""What can be done instead, by the code of a refusal: shown beside it on every page."""

_TOLD = {
    "taken_back": Side.BORROWER,
    "called_off": Side.LENDER,
    "loan.refused": Side.LENDER,
}
_NOTHING = Refusal("", "")


def refusal_of(code: str, side: Side) -> Refusal:
    """Return what a loan's code says to one side; empty for codes that only an ally uses.

    What one side has decided is explained to the other.
    """
    return REFUSALS.get(code, _NOTHING) if _TOLD.get(code, side) is side else _NOTHING
