"""A co-op of ours and a stranger who talk: as the stranger would, or with no word too many."""

from __future__ import annotations

import json
from typing import Any

from tests.peers import properties
from tests.peers.stranger import wire
from tests.peers.stranger.server import Actor, Stranger
from tests.peers.stranger.words import THIS

TELLS_APART = {"object.type", "object.formerType", "object.replyBy"}
"""Without these it is something else that is said, which may well have an effect."""


class Talk:
    """What a stranger says to our co-op, and what becomes of it.

    With `sparing` nothing is said that FEDERATION.md does not call needed, and before each thing
    that is said it is tried without each of the things that are.
    """

    def __init__(self, world, care, stranger: Stranger, *, sparing: bool) -> None:
        self.world, self.care, self.stranger = world, care, stranger
        self.table = properties.table() if sparing else {}
        self.known = properties.table()
        self.spoken: set[str] = set()
        self.words = f"{care.origin}/ns/skills"

    @property
    def now(self) -> str:
        return wire.moment(self.world.clock())

    async def say(
        self, kind: str, actor: Actor, inner: Any, *, by: Actor | None = None, **more: Any
    ) -> dict[str, Any]:
        """Say something to our group, or to `to`; it has to take effect.

        `by` proves what is inside of it once more, in its own name.
        """
        to, name = more.pop("to", self.care.group), more.pop("name", None)
        whole = self.stranger.written(kind, actor, inner, to, **more)
        name = name or properties.name_of(whole)
        self.spoken.add(name)
        if name in self.table:
            await self._fails_when_sparing_more(name, whole, actor, by)
            whole = properties.bare(whole, self.table[name])
        said = self._finished(whole, actor, by)
        wrong = properties.faults(said, self.known)
        assert not wrong, wrong
        self.stranger.keep(said)
        assert await self.stranger.post(f"{to}/inbox", said, actor) == 202
        await self.world.settle()
        state, reason = await self._became(said)
        assert state == "done", (name, reason, said)
        return said

    async def _fails_when_sparing_more(
        self, name: str, whole: dict, actor: Actor, by: Actor | None
    ) -> None:
        """Say something without each of the things that are needed: it has no effect."""
        tried = {}
        for one in self.table[name]:
            if one.needed and one.path not in TELLS_APART:
                self.stranger.said += 1
                number = self.stranger.said
                lacking = {**whole, "id": f"{self.stranger.origin}/activities/{number}"}
                lacking = properties.without(lacking, one.path)
                unproven = one.path.endswith(".proof")
                said = self._finished(lacking, actor, None if unproven else by)
                status = await self.stranger.post(f"{said['to'][0]}/inbox", said, actor)
                assert status in {202, 400}
                tried[one.path] = said
        await self.world.settle()
        for path, said in tried.items():
            state, _ = await self._became(said)
            assert state != "done", f"{name} has an effect without {path}"

    def _finished(self, whole: dict, actor: Actor, by: Actor | None) -> dict[str, Any]:
        whole = json.loads(json.dumps(whole).replace(THIS, whole["id"]))
        inside = "result" if whole["type"] == "Accept" else "object"
        if by and isinstance(whole.get(inside), dict):
            whole[inside] = by.prove(whole[inside])
        return actor.prove(whole)

    async def _became(self, said: dict) -> tuple[str, str]:
        inbox = self.care.running.federation.store.inbox.tables.inbox
        async with self.care.running.database.reading() as tx:
            found = await tx.session.execute(inbox.select().where(inbox.c.id == said["id"]))
            row = found.one_or_none()
        return (row.state, row.reason or "") if row else ("never came", "")
