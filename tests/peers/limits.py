"""How much of each is taken, as the program has it: two tables of FEDERATION.md."""

from typing import get_type_hints

from federation import activity, answers, courier, effects, inbox, iri, keys, routing, signing
from federation.actors import REFRESH_AT_MOST
from federation.fetch import Reach
from federation.limits import Limits
from instance import wire
from instance.agenda.activities import LONGEST_SHIFT
from instance.agenda.activities import LONGEST_TEXT as LONGEST_OF_AN_INVITE
from instance.alliances import received as offered
from instance.alliances import terms
from instance.alliances.capacity import MOST_COUNTS
from instance.enquiries import hearing
from instance.enquiries.service import MOST_TEXT
from instance.groups.documents import _AllLeft, _Share
from instance.loans import asking, documents
from instance.records.books import MOST_STATEMENTS
from instance.records.entering import LONGEST_DAY, LONGEST_WORDS

LIMITED = Limits()


def spoken(span):
    """Write a span of time in words."""
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if span.total_seconds() >= seconds:
            number = int(span.total_seconds() / seconds)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    raise ValueError(span)


def most(struct, name):
    """Return how long a list in a document may be."""
    [meta] = get_type_hints(struct, include_extras=True)[name].__metadata__
    return meta.max_length


OF_REQUESTS = [
    ("an activity, or a document that is fetched", f"{activity.MAX_BYTES:,} bytes"),
    ("levels of objects and lists in it", activity.MAX_DEPTH),
    ("activities in each other", routing.MAX_INNER),
    ("`to`, and `cc`", f"{activity.MAX_ADDRESSEES:,} addresses"),
    ("an address", f"{iri.LONGEST_IRI:,} characters"),
    ("a signature's header", f"{signing.LONGEST_SIGNATURE_HEADER:,} characters"),
    ("what one signature covers", f"{signing.MOST_COVERED} components"),
    ("the body of a request, until it has come", f"{inbox.SLOWEST_BODY:.0f} seconds"),
    ("our fetch of a document, our wait for your answer", f"{Reach().deadline:.0f} seconds"),
    ("the date of a request, before or behind our clock", spoken(signing.SKEW)),
    ("an expiry that is signed", spoken(signing.LONGEST_VALIDITY)),
    ("one actor fetched again for a key that is not listed", f"every {spoken(REFRESH_AT_MOST)}"),
    ("keys of one actor", keys.MOST_KEYS),
    ("an RSA key", f"{keys.RSA_BITS:,} to {keys._LARGEST_RSA_BITS:,} bits"),
    ("activities of one origin", f"{LIMITED.per_second:.0f} a second, {LIMITED.at_once:,} at once"),
    ("of these waiting for their effects", f"{LIMITED.most_waiting:,}"),
    ("keys fetched from one origin", f"{LIMITED.fetches_per_second:.0f} a second"),
    ("what answers something that has not come", f"waits {spoken(effects.GIVEN_UP)}"),
    ("a public post for a server that is silent", f"lapses after {spoken(courier.PUBLIC_LAPSES)}"),
    ("a wait that you ask for by `Retry-After`", f"a second to {spoken(answers.LONGEST_WAIT)}"),
]
OF_DOCUMENTS = [
    ("`fields` of a share", most(_Share, "fields")),
    ("`skills`, and `certificates`", most(_Share, "skills")),
    ("`languages`", most(_Share, "languages")),
    ("`windows`", f"{most(_Share, 'windows'):,}"),
    ("`memberships` of a Move", most(_AllLeft, "memberships")),
    ("a moment", f"between the years {wire.NEAREST_YEAR} and {wire.FARTHEST_YEAR}"),
    ("a length", f"{wire.LONGEST_SECONDS // 3600:,} hours"),
    (
        "a shift in an Invite; in an ask",
        f"{spoken(LONGEST_SHIFT)}; {spoken(documents.LONGEST_SHIFT)}",
    ),
    ("a text in an Invite or an Event", f"{LONGEST_OF_AN_INVITE:,} characters"),
    ("hours in one event", f"{LONGEST_DAY // 60} hours"),
    ("events about one shift", MOST_STATEMENTS),
    ("`note`", f"{LONGEST_WORDS:,} characters"),
    ("offers of alliances that wait at a group", offered.MOST_WAITING),
    ("a limit in the terms", f"{terms.MOST_MINUTES // 60:,} hours"),
    ("the rate in the terms", f"{terms.MOST_CENTS // 100:,}"),
    ("the pay for an hour in an ask", f"{documents.MOST_CENTS // 100:,}"),
    ("`levy` in the terms", f"{terms.MOST_LEVY} percent"),
    ("`notice`", f"{terms.MOST_NOTICE // 60 // 24} days"),
    ("the terms' `content`", f"{terms.LONGEST_TEXT:,} characters"),
    ("asks of one ally that are open", asking.MOST_OPEN),
    ("openings of an ask or an agreement", documents.MOST_OPENINGS),
    ("places of one opening", documents.MOST_PLACES),
    ("`items` of a capacity", f"{MOST_COUNTS:,}"),
    ("what is said in one enquiry", f"{hearing.MOST_LINES} times, {MOST_TEXT:,} characters each"),
]


def limits_table():
    """Write how much is taken of whoever sends or fetches."""
    return _table(OF_REQUESTS)


def amounts_table():
    """Write how much may stand in a document."""
    return _table(OF_DOCUMENTS)


def _table(rows):
    return ["| of | at the most |", "|---|---|", *(f"| {one} | {limit} |" for one, limit in rows)]
