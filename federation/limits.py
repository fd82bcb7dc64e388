"""How much one other server may send us, and may make us fetch: arithmetic in bounded memory.

Only who has proven to be an origin uses up what that origin may send: nobody can silence another
server by speaking in its name.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from federation.errors import Unreachable
from federation.ports import Clock, Database
from federation.sql import SqlStore

MOST_NAMES: Final = 10_000
LOOKED_AT_EACH: Final = 1_000
FULL_FOR: Final = timedelta(seconds=1)
COME_BACK: Final = 60
_ALL: Final = ""


class TooMany(Unreachable):
    """The sender has used up its share; `after` seconds later it may go on."""

    status = 429

    def __init__(self, sentence: str, after: float) -> None:
        super().__init__(sentence)
        self.after = max(1, math.ceil(after))

    @property
    def headers(self) -> Mapping[str, str]:
        """What the answer carries besides."""
        return {"Retry-After": str(self.after)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What each other server may do on average and at once.

    `per_second` and `at_once` are activities of one origin, `most_waiting` how many of them may
    wait here for their effects. `fetches_per_second` and `fetches_at_once` are keys that requests
    make us fetch from one origin, which whoever sends them has not proven to be; of all origins
    together ten and five times as many. So many documents that activities need, too.
    """

    per_second: float = 500.0
    at_once: int = 10_000
    most_waiting: int = 50_000
    fetches_per_second: float = 20.0
    fetches_at_once: int = 1_000


class Buckets:
    """A token bucket for each name; those not used for longest are forgotten, and so are full."""

    def __init__(self, per_second: float, at_once: float, most: int = MOST_NAMES) -> None:
        self._rate = per_second
        self._depth = float(at_once)
        self._most = most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many names are remembered."""
        return len(self._levels)

    def wait(self, name: str, now: float) -> float:
        """Return in how many seconds there is a token: 0 when there is one."""
        level = self._level(name, now)
        return 0.0 if level >= 1 else (1 - level) / self._rate

    def spend(self, name: str, now: float) -> float:
        """Take a token; return in how many seconds there would have been one.

        Taking one that is not there makes the next wait longer, up to a second.
        """
        level = self._level(name, now)
        self._levels[name] = (max(level - 1, -self._rate), now)
        self._levels.move_to_end(name)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return 0.0 if level >= 1 else (1 - level) / self._rate

    def _level(self, name: str, now: float) -> float:
        known = self._levels.get(name)
        if known is None:
            return self._depth
        level, since = known
        return min(self._depth, level + max(0.0, now - since) * self._rate)


class Admission:
    """Says at the inbox whether an origin may send more just now."""

    def __init__(self, limits: Limits, store: SqlStore, database: Database, clock: Clock) -> None:
        self._limits = limits
        self._store = store
        self._database = database
        self._clock = clock
        self._sent = Buckets(limits.per_second, limits.at_once)
        self._unlooked: OrderedDict[str, int] = OrderedDict()
        self._full: dict[str, datetime] = {}

    async def require_turn(self, origin: str) -> None:
        """Raise TooMany when an origin has sent too much, or too much of it waits here."""
        now = self._clock()
        wait = self._sent.wait(origin, now.timestamp())
        if wait > 0:
            raise TooMany("This server sends more than is taken from one server.", wait)
        looked = self._full.get(origin)
        if looked and now - looked >= FULL_FOR:
            await self._look(origin, now)
        self._refuse_if_full(origin)

    async def count(self, origin: str) -> None:
        """Count an activity that has proven to be of its origin; raise TooMany if it is too much.

        How much of it waits is looked at now and then, a thousand apart at the most.
        """
        now = self._clock()
        wait = self._sent.spend(origin, now.timestamp())
        if wait > 0:
            raise TooMany("This server sends more than is taken from one server.", wait)
        unlooked = self._unlooked.get(origin, 0) + 1
        self._unlooked[origin] = unlooked
        if len(self._unlooked) > MOST_NAMES:
            self._unlooked.popitem(last=False)
        if unlooked >= min(LOOKED_AT_EACH, max(1, self._limits.most_waiting // 50)):
            self._unlooked.pop(origin, None)
            await self._look(origin, now)
            self._refuse_if_full(origin)

    def _refuse_if_full(self, origin: str) -> None:
        if origin in self._full:
            raise TooMany("Too much of what this server sent still waits here.", COME_BACK)

    async def _look(self, origin: str, now: datetime) -> None:
        # What has only arrived is not counted, so it does not grow while nobody carries it out.
        await self._database.batch(partial(self._store.inbox.sort, now=now, limit=LOOKED_AT_EACH))
        async with self._database.reading() as tx:
            most = self._limits.most_waiting
            waiting = await self._store.roster.count_unprocessed(tx, origin, most)
        if waiting >= most:
            self._full[origin] = now
        else:
            self._full.pop(origin, None)


class Fetches:
    """Says whether a key, or a document, may be fetched from an origin that others only name."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._clock = clock
        self._each = Buckets(limits.fetches_per_second, limits.fetches_at_once)
        self._all = Buckets(limits.fetches_per_second * 10, limits.fetches_at_once * 5)
        self._documents = Buckets(limits.fetches_per_second, limits.fetches_at_once)

    def spend(self, origin: str) -> None:
        """Count a fetch; raise TooMany when there were too many, from that origin or in all."""
        moment = self._clock().timestamp()
        wait = max(self._each.wait(origin, moment), self._all.wait(_ALL, moment))
        if wait > 0:
            raise TooMany("Too many keys would have to be fetched just now.", wait)
        self._each.spend(origin, moment)
        self._all.spend(_ALL, moment)

    def spend_document(self, origin: str) -> None:
        """Count a document that an activity needs; raise TooMany when there were too many."""
        moment = self._clock().timestamp()
        wait = self._documents.wait(origin, moment)
        if wait > 0:
            raise TooMany("Too many documents would have to be fetched from there now.", wait)
        self._documents.spend(origin, moment)
