"""Labour asked of allies and lent to them: the feature's door for all others."""

from __future__ import annotations

from instance.loans.asking import ask_ally, decline_ask, withdraw_ask
from instance.loans.coverage import coverage, coverage_of
from instance.loans.following import mark_worked
from instance.loans.giving import PromisedBy, give_back, promised_by
from instance.loans.lending import (
    accept_loan,
    end_loan,
    offer_loan,
    refuse_loan,
    shrink_loan,
    take_back,
)
from instance.loans.models import AskState, LoanState, Side
from instance.loans.own import lend_among_own, undo_among_own
from instance.loans.reading import (
    ask,
    asks,
    asks_for,
    lends_to,
    lent_opening,
    lent_openings,
    loan,
    loans,
    loans_at,
    minutes_left,
    promised,
    promised_places,
)
from instance.loans.views import (
    AskView,
    Coverage,
    LentOpening,
    LoanView,
    PlaceView,
    unanswered,
)

__all__ = [
    "AskState",
    "AskView",
    "Coverage",
    "LentOpening",
    "LoanState",
    "LoanView",
    "PlaceView",
    "PromisedBy",
    "Side",
    "accept_loan",
    "ask",
    "ask_ally",
    "asks",
    "asks_for",
    "coverage",
    "coverage_of",
    "decline_ask",
    "end_loan",
    "give_back",
    "lend_among_own",
    "lends_to",
    "lent_opening",
    "lent_openings",
    "loan",
    "loans",
    "loans_at",
    "mark_worked",
    "minutes_left",
    "offer_loan",
    "promised",
    "promised_by",
    "promised_places",
    "refuse_loan",
    "shrink_loan",
    "take_back",
    "unanswered",
    "undo_among_own",
    "withdraw_ask",
]
