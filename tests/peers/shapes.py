"""One example of each shape of activity that this project sends, and the actors they are of."""

from federation.actors import actor_document
from federation.iri import Iri
from federation.keypool import make_keys
from federation.ports import LocalActor
from instance import wire

HERE = "https://care.example"
GROUP = f"{HERE}/groups/7"
ANA = f"{HERE}/people/3"
ALLY = "https://wash.example/groups/2"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
SKILL = f"{HERE}/ns/skills#care"

_EIGHT_HOURS = wire.quantity(480)
SHUT = "2026-11-25T08:00:00Z"
_ONE = {"hasUnit": "one", "hasNumericalValue": "1"}


def keys():
    """Make the key pairs of every actor in the examples, once."""
    return make_keys()


def actors(pairs):
    """Return the documents of the actors in the examples, by id."""
    kinds = {GROUP: "Group", ANA: "Person", ALLY: "Group", f"{HERE}/actor": "Application"}
    return {
        iri: actor_document(
            LocalActor(id=Iri(iri), type=kind, username=f"name{number}", keys=pairs),
            Iri(f"{HERE}/actor"),
            HERE,
        )
        for number, (iri, kind) in enumerate(kinds.items())
    }


def _said(number, kind, actor, inner, *to, **more):
    return {
        "@context": wire.context(HERE),
        "id": f"{HERE}/activities/{number}",
        "type": kind,
        "actor": actor,
        "object": inner,
        "to": list(to or [ALLY]),
        "published": "2026-11-22T08:00:00Z",
        **more,
    }


NOTE = {
    "type": "Note",
    "id": f"{HERE}/notes/5",
    "attributedTo": GROUP,
    "to": [PUBLIC],
    "cc": [f"{GROUP}/followers"],
    "published": "2026-11-22T08:00:00Z",
    "content": "<p>hello</p>",
}
QUESTION = {
    **NOTE,
    "type": "Question",
    "id": f"{HERE}/polls/6",
    "endTime": SHUT,
    "votersCount": 0,
    "oneOf": [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": 0}}
        for name in ("Yes", "No")
    ],
}
VOTE = {
    "type": "Note",
    "id": f"{ANA}#v1",
    "attributedTo": ANA,
    "to": [ALLY],
    "inReplyTo": f"{ALLY}/polls/1",
    "name": "Yes",
}
JOB = {
    **NOTE,
    "id": f"{HERE}/jobs/55",
    "name": "Two carers, three mornings",
    "purpose": "request",
    "publishes": {
        "type": "Intent",
        "id": f"{HERE}/jobs/55#primary",
        "action": "deliverService",
        "resourceConformsTo": SKILL,
        "resourceQuantity": _EIGHT_HOURS,
    },
}
COMMITMENT = {
    "type": "Commitment",
    "action": "work",
    "satisfies": f"{HERE}/jobs/55#o1",
    "resourceConformsTo": SKILL,
    "startTime": "2027-01-04T00:30:00Z",
    "endTime": "2027-01-04T08:30:00Z",
    "effortQuantity": _EIGHT_HOURS,
    "receiver": GROUP,
}
PROMISE = {**COMMITMENT, "id": f"{HERE}/commitments/1", "attributedTo": ANA}
AGREEMENT = {
    "type": "Agreement",
    "stipulates": [
        {"type": "Commitment", "satisfies": f"{HERE}/jobs/55#o1", "resourceQuantity": _ONE}
    ],
}
ALLIANCE = {
    "type": "Relationship",
    "id": f"{GROUP}/allies/2",
    "attributedTo": GROUP,
    "subject": GROUP,
    "relationship": "ally",
    "object": ALLY,
}
STAMP = {
    "type": "Relationship",
    "id": f"{GROUP}/affiliations/12",
    "attributedTo": GROUP,
    "subject": ANA,
    "relationship": "member",
    "object": GROUP,
}
SHARE = {"type": "DataShare", "id": f"{HERE}/shares/1", "attributedTo": ANA, "windows": []}
HOURS = {
    "type": "EconomicEvent",
    "id": f"{HERE}/hours/4",
    "attributedTo": ANA,
    "action": "work",
    "fulfills": PROMISE["id"],
    "effortQuantity": _EIGHT_HOURS,
    "provider": ANA,
    "receiver": GROUP,
}
DETAILS = {"type": "Event", "id": f"{HERE}/events/1", "attributedTo": GROUP, "name": "Where"}

FOLLOW = _said(1, "Follow", ANA, ALLY)
JOIN = _said(2, "Join", ANA, ALLY, fields=["skills"])
INVITE = _said(3, "Invite", GROUP, COMMITMENT, ANA, target=ANA, replyBy="2027-01-03T00:00:00Z")
YES = _said(4, "Accept", ANA, wire.stub(INVITE), GROUP)
OFFER = _said(5, "Offer", GROUP, AGREEMENT)
ALLIANCE_OFFER = _said(6, "Offer", GROUP, ALLIANCE)
PROMISED = _said(7, "Create", ANA, PROMISE, GROUP)

SHAPES = {
    "Follow{Group}": FOLLOW,
    "Undo{Follow}": _said(10, "Undo", ANA, wire.stub(FOLLOW)),
    "Accept{Follow}": _said(11, "Accept", GROUP, wire.stub(FOLLOW), ANA),
    "Create{Note}": _said(12, "Create", GROUP, NOTE, PUBLIC),
    "Create{Note}, a job": _said(13, "Create", GROUP, JOB, PUBLIC),
    "Create{Question}": _said(50, "Create", GROUP, QUESTION, PUBLIC),
    "Update{Question}": _said(51, "Update", GROUP, {**QUESTION, "closed": SHUT}, PUBLIC),
    "Create{Note}, a vote": _said(52, "Create", ANA, VOTE),
    "Update{Note}": _said(14, "Update", GROUP, JOB, PUBLIC),
    "Delete{Tombstone}": _said(15, "Delete", GROUP, {"id": JOB["id"], "type": "Tombstone"}, PUBLIC),
    "Announce{id}": _said(16, "Announce", GROUP, NOTE["id"], PUBLIC),
    "Announce{Create{Note}}": _said(
        17, "Announce", GROUP, _said(12, "Create", GROUP, NOTE, PUBLIC), PUBLIC
    ),
    "Update{Group}": _said(18, "Update", GROUP, {"id": GROUP, "type": "Group"}, PUBLIC),
    "Delete{actor}": _said(19, "Delete", GROUP, GROUP, PUBLIC),
    "Move{Person}": _said(20, "Move", ANA, ANA, target=f"{ALLY}/x"),
    "Join{Group}": JOIN,
    "Accept{Join}": _said(21, "Accept", GROUP, wire.stub(JOIN), ANA, result=STAMP),
    "Reject{Join}": _said(22, "Reject", GROUP, wire.stub(JOIN), ANA),
    "Leave{Group}": _said(23, "Leave", ANA, ALLY),
    "Invite{Group}": _said(24, "Invite", GROUP, GROUP, ANA, target=ANA),
    "Remove{Person}": _said(25, "Remove", GROUP, ANA, ANA, target=f"{GROUP}/affiliations"),
    "Create{DataShare}": _said(26, "Create", ANA, SHARE),
    "Invite{Commitment}": INVITE,
    "Accept{Invite}": YES,
    "Reject{Invite}": _said(27, "Reject", ANA, wire.stub(INVITE), GROUP),
    "Undo{Accept{Invite}}": _said(28, "Undo", ANA, wire.stub(YES), GROUP),
    "Accept{Accept{Invite}}": _said(29, "Accept", GROUP, wire.stub(YES), ANA),
    "Create{Commitment}": PROMISED,
    "Announce{Create{Commitment}}": _said(30, "Announce", GROUP, PROMISED),
    "Create{Event}": _said(31, "Create", GROUP, DETAILS, ANA),
    "Create{Proposal}": _said(
        32, "Create", GROUP, {"type": "Proposal", "id": f"{HERE}/asks/1", "attributedTo": GROUP}
    ),
    "Offer{Agreement}": OFFER,
    "Accept{Offer}": _said(33, "Accept", GROUP, wire.stub(OFFER)),
    "Offer{Relationship}": ALLIANCE_OFFER,
    "Undo{Offer}": _said(34, "Undo", GROUP, wire.stub(ALLIANCE_OFFER)),
    "Create{EconomicEvent}": _said(35, "Create", ANA, HOURS, GROUP),
    "Accept{EconomicEvent}": _said(
        36, "Accept", GROUP, {"id": HOURS["id"], "type": "EconomicEvent"}
    ),
}
