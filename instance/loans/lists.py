"""What the lists of these pages are called, when they are taken away as files."""

from instance.language import N_

REQUESTS = {
    "asked_of_us.places": N_("Asked of us"),
    "offered_to_us.places": N_("Offered to us"),
    "asked_by_us.places": N_("Asked by us"),
    "lent.places": N_("Lent by us"),
    "borrowed.places": N_("Borrowed by us"),
}
ASK = {
    "ask.places": N_("Places asked for"),
    "coverage": N_("What lending would leave"),
    "offered.places": N_("What we offered"),
}
CHOICE = {
    "allies": N_("Allies"),
    "allies.counts": N_("How many could come"),
    "asked.places": N_("Asked by us"),
    "loans.places": N_("Borrowed by us"),
}
LOAN = {"loan.places": N_("Places of the loan")}
