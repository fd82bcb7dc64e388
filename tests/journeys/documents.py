"""The documents that FEDERATION.md shows: what three co-ops really said, under plain names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from federation.activity import PUBLIC, stored
from federation.kinds import chain_of
from tests.journeys.first_steps import Story
from tests.peers import properties

DOCUMENT = Path(__file__).parents[2] / "FEDERATION.md"
MARKED = re.compile(r"(<!-- said: ([\w, ]+) -->\n).*?(<!-- end of said -->)", re.DOTALL)
WIDTH = 130
DECISION = re.compile(r'"decision": "[^"]+"')
DOOR_CODE = re.compile(r'"doorCode": "[^"]+"')
TOKEN = re.compile(r"(?<=[/~ ])[a-z0-9]{20}(?![a-z0-9])")
HEARD_ONLY = {"Undo{Join}", "Reject{Invite{Group}}", "Undo{Invite{Group}}"}
"""What others say and we never do."""
LEFT_OUT = {"@context", "proof"}

Said = dict[str, Any]


class Told:
    """All that the co-ops of a story have said, local or not, found again by what it is about."""

    def __init__(self, story: Story, everything: list[Said]) -> None:
        self.story = story
        self.everything = everything
        self.by_id = {one["id"]: one for one in everything}

    def some(self, *chain: str, when: Callable[[Said], bool] = lambda _: True) -> Said:
        """Return what was said of these types that comes first when it is written.

        What differs in its ids alone differs in what it answers.
        """
        found = [one for one in self.everything if chain_of(one) == chain and when(one)]
        assert found, f"nobody said {' of '.join(chain)}"
        return min(found, key=self._written)

    def _written(self, said: Said) -> str:
        inner = said["object"]
        answered = self.by_id.get(inner.get("inReplyTo", "")) if isinstance(inner, dict) else None
        return _without_chance(json.dumps([_shortened(said), _shortened(answered)]))

    def about(self, inner: str, *chain: str) -> Said:
        """Return what was said of these types about something, by its id."""
        return self.some(*chain, when=lambda one: inner_id(one) == inner)

    def is_said(self, *chain: str, about: str) -> bool:
        """Tell whether anything of these types was said about something."""
        return any(chain_of(one) == chain and inner_id(one) == about for one in self.everything)


def inner_id(said: Said) -> str:
    """Return the id of what is said."""
    inner = said["object"]
    return str(inner if isinstance(inner, str) else inner.get("id"))


async def require_current(story: Story, folder: Path) -> None:
    """Fail unless FEDERATION.md shows what the three co-ops have said just now."""
    text, said = DOCUMENT.read_text(encoding="utf-8"), await told(story)
    known = properties.table()
    assert [fault for one in said.everything for fault in properties.faults(one, known)] == []
    missing = known.keys() - {properties.name_of(one) for one in said.everything}
    assert missing == HEARD_ONLY, missing
    anew = folder / DOCUMENT.name
    anew.write_text(written_anew(text, shown(said)), encoding="utf-8")
    assert anew.read_text(encoding="utf-8") == text, f"what is said now stands in {anew}"


async def told(story: Story) -> Told:
    """Read from the three co-ops' own rows what they have said."""
    found = []
    for coop in (story.care, story.wash, story.green):
        outbox = coop.running.federation.store.outbox.tables.outbox
        async with coop.running.database.reading() as tx:
            rows = (await tx.session.execute(outbox.select().order_by(outbox.c.seq))).all()
        found += [dict(stored(row.body)) for row in rows]
    return Told(story, found)


def shown(of: Told) -> dict[str, Said]:
    """Choose what is shown, by name: one thread from the alliance to the hours, and more."""
    return {**_membership(of), **_lent(of), "capacity": _capacity(of)}


def _membership(of: Told) -> dict[str, Said]:
    join = of.some(
        *("Join", "*"),
        when=lambda one: (
            of.is_said("Accept", "Join", "*", about=one["id"])
            and of.is_said("Create", "DataShare", about=one["share"]["id"])
        ),
    )
    return {
        "join": join,
        "joined": of.about(join["id"], "Accept", "Join", "*"),
        "share": of.about(join["share"]["id"], "Create", "DataShare"),
        "asked": of.some("Invite", "Group"),
        "left": of.some("Leave", "*"),
        "removed": of.some("Remove", "*"),
        "moved": of.some("Move", "*", when=lambda one: "memberships" in one),
    }


def _lent(of: Told) -> dict[str, Said]:
    hours = of.some(
        *("Create", "EconomicEvent"),
        when=lambda one: (
            "inScopeOf" in one["object"]
            and "replaces" not in one["object"]
            and of.is_said("Accept", "EconomicEvent", about=one["object"]["id"])
        ),
    )
    event = hours["object"]
    agreed = of.some(
        *("Accept", "Offer", "Agreement"),
        when=lambda one: one["result"]["id"] == event["inScopeOf"],
    )
    offer = of.by_id[agreed["object"]["id"]]
    allied = of.some(
        *("Accept", "Offer", "Relationship"),
        when=lambda one: {one["actor"], *one["to"]} == {offer["actor"], agreed["actor"]},
    )
    invite = of.by_id[event["inReplyTo"]]
    yes = of.about(invite["id"], "Accept", "Invite", "Commitment")
    promise = of.some(
        *("Create", "Commitment"), when=lambda one: one["object"]["inReplyTo"] == invite["id"]
    )
    committed = promise["object"]["id"]
    return {
        "alliance": of.by_id[allied["object"]["id"]],
        "allied": allied,
        "job": of.some("Create", "Note", when=lambda one: _is_public(one, event["job"])),
        "ask": of.about(offer["object"]["context"], "Create", "Proposal"),
        "offer": offer,
        "agreed": agreed,
        "invite": invite,
        "yes": yes,
        "confirmed": of.about(yes["id"], "Accept", "Accept", "Invite", "Commitment"),
        "promise": promise,
        "named": of.about(promise["id"], "Announce", "Create", "Commitment"),
        "details": of.some(
            *("Create", "Event"), when=lambda one: one["object"]["inReplyTo"] == committed
        ),
        "hours": hours,
        "counted": of.about(event["id"], "Accept", "EconomicEvent"),
        "corrected": of.some("Reject", "EconomicEvent"),
        "came": of.some(
            *("Create", "CheckIn"),
            when=lambda one: of.is_said("Accept", "CheckIn", about=one["object"]["id"]),
        ),
        "taken": of.some("Accept", "CheckIn"),
        "mistaken": of.some("Reject", "CheckIn"),
    }


def _is_public(said: Said, job: str) -> bool:
    return inner_id(said) == job and PUBLIC in said["to"]


def _capacity(of: Told) -> Said:
    answers = [json.loads(one.answer) for one in of.story.said if _asks_for_counts(one.path)]
    counted = [one for one in answers if one.get("items")]
    chosen = min(counted, key=lambda one: _without_chance(json.dumps(one)))
    return {**chosen, "items": chosen["items"][:1]}


def _asks_for_counts(path: str) -> bool:
    return path.partition("?")[0].endswith("/capacity")


def _without_chance(text: str) -> str:
    return TOKEN.sub("", DOOR_CODE.sub("", DECISION.sub("", text)))


# Writing -----------------------------------------------------------------------------------------


def written_anew(text: str, chosen: dict[str, Said]) -> str:
    """Return the document's text with all that was said in it as it is said now."""
    names = [name for _, listed, _ in MARKED.findall(text) for name in listed.split(", ")]
    assert sorted(names) == sorted(chosen), "FEDERATION.md shows each of them once"
    plain = json.loads(_plain(json.dumps([_shortened(chosen[one]) for one in names])))
    shapes = dict(zip(names, plain, strict=True))

    def block(found: re.Match[str]) -> str:
        lines = [line for name in found[2].split(", ") for line in _lines(shapes[name], "")]
        return "\n".join([f"{found[1]}```json", *lines, "```", found[3]])

    return MARKED.sub(block, text)


def _plain(text: str) -> str:
    """Give everything a short name that is the same in every run."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], str(len(numbers) + 1))

    text = TOKEN.sub(number, text)
    text = DECISION.sub('"decision": "…"', text)
    text = DOOR_CODE.sub('"doorCode": "482913"', text)
    return re.sub(r"http://(\w+)\.test", r"https://\1.example", text)


def _shortened(value: Any) -> Any:
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: one for name, one in value.items() if name not in LEFT_OUT}
    if "why" in kept:
        kept["why"] = ["free_and_qualified"]  # of equals the lot chooses, and so the reasons differ
    if kept.get("type") != "Note":
        return {name: _shortened(one) for name, one in kept.items()}
    short = {"content": "<p>…</p>", "contentMap": {"en": "<p>…</p>"}}
    return {
        name: short.get(name) if name in short else _shortened(one)
        for name, one in kept.items()
        if name != "nameMap"
    }


def _lines(value: Any, before: str, after: str = "", depth: int = 0) -> Iterator[str]:
    """Write a value on one line where it fits, else its parts on lines of their own."""
    head = f"{' ' * depth}{before}"
    line = json.dumps(value, ensure_ascii=False)
    if len(head) + len(line) + len(after) <= WIDTH or not isinstance(value, (dict, list)):
        yield f"{head}{line}{after}"
        return
    named = value.items() if isinstance(value, dict) else ((None, one) for one in value)
    parts = [("" if name is None else f'"{name}": ', one) for name, one in named]
    yield f"{head}{'{' if isinstance(value, dict) else '['}"
    for at, (name, one) in enumerate(parts, 1):
        yield from _lines(one, name, "," if at < len(parts) else "", depth + 1)
    yield f"{' ' * depth}{'}' if isinstance(value, dict) else ']'}{after}"
