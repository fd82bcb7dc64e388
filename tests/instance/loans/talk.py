"""A stranger's side of a loan, as a server of another make would write it."""

from __future__ import annotations

from datetime import timedelta

from instance.loans import service as loans
from instance.wire import instant
from tests.instance.alliances.pair import SKILL, Stranger

BORROWER, LENDER = loans.Side.BORROWER, loans.Side.LENDER


class Lending(Stranger):
    """Speaks as a borrower that asks `care`, or as a lender whom `care` asks."""

    @property
    def job(self):
        return f"{self.remote.origin}/jobs/1"

    @property
    def opening(self):
        return f"{self.job}#o1"

    def hours(self, days=5):
        start = self.world.clock().replace(hour=1, minute=30, second=0) + timedelta(days=days)
        return {"startTime": instant(start), "endTime": instant(start + timedelta(hours=4))}

    def proposal(self, places=2, **more):
        """Write what we ask."""
        return {
            "id": f"{self.remote.origin}/asks/1",
            "type": "Proposal",
            "purpose": "request",
            "attributedTo": self.group,
            "name": "Afternoon at home",
            "job": self.job,
            "updated": instant(self.world.clock()),
            "replyBy": instant(self.world.clock() + timedelta(days=2)),
            "break": {"hasUnit": "second", "hasNumericalValue": "0"},
            "publishes": [
                {
                    "id": self.opening,
                    "type": "Intent",
                    "action": "work",
                    "resourceConformsTo": f"{self.remote.origin}/ns/skills#{SKILL}",
                    "resourceQuantity": count(places),
                    **self.hours(),
                }
            ],
            "reciprocal": {
                "type": "Intent",
                "resourceConformsTo": "urn:iso:std:iso:4217:HKD",
                "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "75"},
                "levy": "5",
            },
            **more,
        }

    def ask(self, to, kind="Create", **more):
        """Write the activity that asks, or asks anew."""
        return self.remote.activity(kind, self.group, self.proposal(**more), to=[to])

    def agreement(self, offered, **more):
        """Write the agreement that answers what `care` offered."""
        return {
            **offered,
            "id": f"{self.remote.origin}/agreements/1",
            "attributedTo": self.group,
            "updated": instant(self.world.clock()),
            **more,
        }

    def answer(self, kind, activity, **more):
        """Write an answer to something that was said, which it carries as a stub."""
        inner = {name: activity[name] for name in ("id", "type", "actor")}
        inner["object"] = activity["object"]
        if isinstance(activity["object"], dict) and activity["type"] == "Offer":
            inner["object"] = {"type": "Agreement"}
        return self.remote.activity(kind, self.group, inner, **more)

    def offer_places(self, to, ask, places=1, **more):
        """Write an offer for what `care` asked."""
        asked = ask["object"]
        one = asked["publishes"][0]
        agreement = {
            "type": "Agreement",
            "context": asked["id"],
            "job": asked["job"],
            "jobUpdated": asked["updated"],
            "stipulates": [
                {
                    "type": "Commitment",
                    "action": "work",
                    "satisfies": one["id"],
                    "resourceQuantity": count(places),
                    "startTime": one["startTime"],
                    "endTime": one["endTime"],
                }
            ],
        }
        changes = {name: more.pop(name) for name in list(more) if name in agreement}
        return self.remote.activity("Offer", self.group, agreement | changes, to=[to], **more)

    def heard(self, kind, inner=None):
        """Return what `care` said of a kind, the newest last."""
        return [
            one
            for one in self.remote.received
            if one["type"] == kind and (inner is None or one["object"]["type"] == inner)
        ]


def count(places):
    return {"hasUnit": "one", "hasNumericalValue": str(places)}


async def asks_care(care, green, **more):
    """Let the stranger ask care; returns the ask as care keeps it."""
    await green.say(green.ask(care.group, **more), care.group)
    (found,) = await care.see(loans.asks, care.group, LENDER)
    return found


async def offered_by_care(care, green, places=2, **more):
    """Let care offer what the stranger asked; returns the Offer as it arrived."""
    ask = await asks_care(care, green, **more)
    await care.act(loans.offer_loan, ask.iri, {green.opening: places})
    await care.world.settle()
    return green.heard("Offer")[-1]


async def lent_by_care(care, green):
    """Let care lend; returns the Offer, and the Accept that the stranger sent."""
    offer = await offered_by_care(care, green)
    accept = green.answer("Accept", offer, result=green.agreement(offer["object"]))
    await green.say(accept, care.group)
    return offer, accept


async def asked_by_care(care, green, places=2):
    """Let care ask the stranger; returns the Create as it arrived."""
    job = await care.post_job(places=places)
    opening = job.shifts[0].openings[0].iri
    until = job.shifts[0].start - timedelta(hours=12)
    await care.act(loans.ask_ally, care.group, green.group, job.iri, {opening: places}, until)
    await care.world.settle()
    return green.heard("Create", "Proposal")[-1]


async def borrowed_by_care(care, green, places=2):
    """Let care borrow; returns the ask and the stranger's Offer that care accepted."""
    ask = await asked_by_care(care, green)
    offer = green.offer_places(care.group, ask, places)
    await green.say(offer, care.group)
    await care.act(loans.accept_loan, offer["id"])
    await care.world.settle()
    return ask, offer


async def loan_states(care, side):
    """Return the states of all of care's loans on one side, sorted."""
    found = await care.see(loans.loans, care.group, side, tuple(loans.LoanState))
    return sorted(one.state.value for one in found)
