"""The rounds in which groups plan, ask their allies, answer, and invite."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from benchmarks.federated.network import Counts, Network, Pair
from matching import Alliance, AllyCapacity, Opening, Plan, Problem, plan
from matching.asking import Answer, Ask, answer, asks
from matching.fairness import lot

MOST_ROUNDS = 40

Received = Mapping[str, list[tuple[Alliance, Opening]]]
"""What each group was asked in a round."""


@dataclass
class Trade:
    """How a network was staffed: who is where, what was said for it, and in how many rounds.

    In a round all groups do the same thing at the same time, each by what it knew when the round
    began: plan, invite, ask, answer, invite. Who is invited first is drawn by lot. `at_once` is how
    many allies are asked for one place.
    """

    network: Network
    at_once: int = 1
    rounds: int = 0
    own: int = 0
    moved: int = 0
    said: Counter[str] = field(default_factory=Counter)
    _heard: dict[str, AllyCapacity] = field(default_factory=dict)
    _without: dict[str, set[Pair]] = field(default_factory=lambda: defaultdict(set))
    _stale: set[str] = field(default_factory=set)

    @property
    def filled(self) -> int:
        """Count the places that are filled."""
        return sum(map(len, self.network.placed.values()))

    @property
    def lent(self) -> int:
        """Count the places that are filled by allies' people."""
        ways = (via for people in self.network.placed.values() for via in people.values())
        return sum(via is not None for via in ways)

    def run(self) -> Trade:
        """Go round until nobody has anything left to say."""
        self._stale = set(self.network.groups)
        while self.rounds < MOST_ROUNDS:
            said = self.said.total()
            self.rounds += 1
            self._plan_own()
            self.own = self.own or self.filled
            self._answer(self._ask())
            if self.said.total() == said:
                self.rounds -= 1
                break
        return self

    def _turns(self, groups: Iterable[str]) -> list[str]:
        """Put groups into an order by lot, another one in each round."""
        return sorted(groups, key=lambda one: lot(self.network.problem.seed, one, str(self.rounds)))

    def _plan_own(self) -> None:
        """Let each group plan whose people have said no since, or become free."""
        chosen = self._turns(self._stale)
        self._stale = set()
        made = []
        for one in chosen:
            if any(self.network.missing(opening) > 0 for opening in self.network.own[one]):
                question = self.network.question(one)
                made.append((one, question, plan(question)))
        for one, question, suggested in made:
            self._invite(one, question, suggested)

    def _ask(self) -> Received:
        """Let each group ask its allies for what it has left."""
        network = self.network
        received: dict[str, list[tuple[Alliance, Opening]]] = defaultdict(list)
        counts: dict[str, Counts] = {}
        for one in network.groups:
            made = self._asks_of(one, counts)
            for ask in made:
                alliance, opening = network.alliances[ask.alliance], network.openings[ask.opening]
                lending = replace(alliance, minutes_left=network.left[alliance.id])
                received[ask.group].append(
                    (lending, replace(opening, count=ask.places, taken=0)),
                )
            self._say("ask", ((ask.alliance, ask.opening) for ask in made))
        return received

    def _asks_of(self, group: str, counts: dict[str, Counts]) -> tuple[Ask, ...]:
        network, tried = self.network, self._without[group]
        question = network.wanting(group)
        allies = []
        for alliance in network.borrows[group]:
            left = [one for one in question.openings if (alliance.id, one.id) not in tried]
            skills = {one.requirement.skill for one in left}
            if skills and (not alliance.skills or not skills.isdisjoint(alliance.skills)):
                allies.append(self._hear(alliance, counts))
        question = replace(question, allies=tuple(allies))
        stands = network.plan_of(question, question.openings)
        return asks(question, stands, tried, at_once=self.at_once)

    def _hear(self, alliance: Alliance, counts: dict[str, Counts]) -> AllyCapacity:
        """Ask for an ally's counts once; after that its answers tell more than new counts do."""
        if alliance.id not in self._heard:
            self.said["count"] += 2
            if alliance.lender not in counts:
                counts[alliance.lender] = self.network.capacity(alliance.lender)
            self._heard[alliance.id] = self.network.ally(alliance, counts[alliance.lender])
        left = self.network.left[alliance.id]
        return replace(self._heard[alliance.id], minutes_left=left)

    def _answer(self, received: Received) -> None:
        """Let each group that was asked plan what it can give; then borrowers accept."""
        answers: list[tuple[str, Answer]] = []
        for one in self._turns(received):
            asked = [opening for _, opening in received[one]]
            answers.append((one, answer(self.network.question(one, asked), received[one])))
        for one, answered in answers:
            offered = {(ask.alliance, ask.opening): ask.places for ask in answered.offers}
            self._say("offer", offered)
            for alliance, opening in received[one]:
                if offered.get((alliance.id, opening.id), 0) < opening.count:
                    self._without[alliance.borrower].add((alliance.id, opening.id))
            self._invite(one, answered.problem, answered.plan)

    def _invite(self, group: str, question: Problem, suggested: Plan) -> None:
        """Call off whom a plan no longer needs there, and invite whom it names.

        A place at an ally's opening counts as accepted while the opening has one left.
        """
        network = self.network
        before = {(one.opening, one.worker) for one in question.standing}
        after = {(one.opening, one.worker): one.via for one in suggested.assignments}
        gone = sorted(before - after.keys())
        for opening, worker in gone:
            network.release(opening, worker)
            self.said["undo"] += 1
        accepted = set()
        for (opening, worker), via in sorted(after.items()):
            known = network.openings[opening]
            if (opening, worker) in before or network.missing(known) <= 0:
                continue
            if via is not None:
                accepted.add((via, opening))
            if self._named(group, opening, worker, via):
                self.moved += any(worker == one for _, one in gone)
            else:
                self._stale.add(known.group or network.problem.group)
        self._say("accept", accepted)
        for opening, worker in gone:
            if network.missing(network.openings[opening]) > 0:
                network.place(group, opening, worker, None)
            self._stale.update(network.workers[worker].groups)

    def _named(self, group: str, opening: str, worker: str, via: str | None) -> bool:
        """Invite her: Invite and her answer; after a yes the two that confirm it, and the name."""
        self.said["invite"] += 2
        if not self.network.place(group, opening, worker, via):
            return False
        self.said["invite"] += 2
        self.said["announce"] += via is not None
        return True

    def _say(self, what: str, pairs: Iterable[Pair]) -> None:
        """Count messages between two groups: one for each job that the places belong to."""
        openings = self.network.openings
        self.said[what] += len({(alliance, openings[one].job) for alliance, one in pairs})
