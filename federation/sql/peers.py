"""Who is out there: other hosts' actors as last fetched, followers, and the road to each peer."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from federation.activity import Document, encode, stored
from federation.iri import Iri, origin_of
from federation.keys import public_keys_of
from federation.ports import Tx
from federation.sql.rows import KnownActor, Peer
from federation.sql.statements import Statements
from federation.sql.tables import in_state

log = logging.getLogger(__name__)


class PeerRows(Statements):
    """Known actors, followers and the health of peers."""

    async def known_actor(self, tx: Tx, iri: str) -> KnownActor | None:
        """Return a remote actor as it was last fetched."""
        return (await self.known_actors(tx, [iri])).get(Iri(iri))

    async def known_actors(self, tx: Tx, iris: Collection[str]) -> Mapping[Iri, KnownActor]:
        """Return remote actors as they were last fetched, by id, where they are known."""
        if not iris:
            return {}
        actors = self.tables.actors
        found = await self.run(tx, sa.select(actors).where(actors.c.id.in_(iris)))
        return {
            Iri(row.id): KnownActor(
                Iri(row.id), stored(row.body), row.inbox, row.shared_inbox, row.fetched
            )
            for row in found
        }

    async def save_actor(
        self, tx: Tx, document: Document, inbox: str, shared_inbox: str | None, now: datetime
    ) -> None:
        """Keep a remote actor's document, and where it is to be reached as a follower."""
        await self._note_new_keys(tx, document, now)
        values = {
            "body": encode(document),
            "inbox": inbox,
            "shared_inbox": shared_inbox,
            "fetched": now,
        }
        insert = self.insert(tx, self.tables.actors).values(id=document["id"], **values)
        await self.run(tx, insert.on_conflict_do_update(index_elements=["id"], set_=values))
        followers = self.tables.followers
        reached = sa.update(followers).where(followers.c.follower == document["id"])
        await self.run(tx, reached.values(inbox=shared_inbox or inbox))

    async def _note_new_keys(self, tx: Tx, document: Document, now: datetime) -> None:
        known = await self.known_actor(tx, document["id"])
        if known is None:
            return
        if public_keys_of(document).items() <= public_keys_of(known.document).items():
            return
        origin = origin_of(document["id"])
        log.info("%s has new keys", document["id"])
        await self.within(tx, self.touch, [origin], now)
        peers = self.tables.peers
        found = sa.update(peers).where(peers.c.origin == origin)
        await self.run(tx, found.values(keys_changed=now))

    async def one_of_each(self, tx: Tx) -> Sequence[Iri]:
        """Name one actor at every peer that is dealt with: whom we heard of last."""
        peers, actors = self.tables.peers, self.tables.actors
        start = peers.c.origin + "/"
        newest = (
            sa.select(actors.c.id)
            .where(sa.func.substr(actors.c.id, 1, sa.func.length(start)) == start)
            .order_by(actors.c.fetched.desc(), actors.c.id)
            .limit(1)
            .scalar_subquery()
        )
        met = sa.or_(peers.c.last_heard.is_not(None), peers.c.last_delivered.is_not(None))
        rows = await self.run(tx, sa.select(newest.label("id")).where(met).order_by(peers.c.origin))
        return [Iri(row.id) for row in rows if row.id]

    async def forget_actor(self, tx: Tx, iri: str) -> None:
        """Forget an actor that is gone, and what it followed."""
        actors, followers = self.tables.actors, self.tables.followers
        await self.run(tx, sa.delete(actors).where(actors.c.id == iri))
        await self.run(tx, sa.delete(followers).where(followers.c.follower == iri))

    async def add_follower(
        self, tx: Tx, actor: Iri, follower: Iri, follow: str, now: datetime
    ) -> None:
        """Note that an actor is followed, by which Follow."""
        followers = self.tables.followers
        values = {
            "actor": actor,
            "follower": follower,
            "follow": follow,
            "peer": origin_of(follower),
            "since": now,
        }
        inbox = await self._shared_inbox(tx, follower)
        await self.within(tx, self.touch, [origin_of(follower)], now)
        insert = self.insert(tx, followers).values(**values, inbox=inbox)
        newest = {"follow": follow}
        await self.run(
            tx, insert.on_conflict_do_update(index_elements=["actor", "follower"], set_=newest)
        )

    async def follow_of(self, tx: Tx, actor: str, follower: str) -> str | None:
        """Return the id of the Follow by which an actor is followed, or None."""
        followers = self.tables.followers
        where = (followers.c.actor == actor, followers.c.follower == follower)
        found = await self.run(tx, sa.select(followers.c.follow).where(*where))
        return found.scalar_one_or_none()

    async def remove_follower(self, tx: Tx, actor: str, follower: str) -> None:
        """Note that an actor is no longer followed."""
        followers = self.tables.followers
        where = (followers.c.actor == actor, followers.c.follower == follower)
        await self.run(tx, sa.delete(followers).where(*where))

    async def count_followers(self, tx: Tx, actor: str) -> int:
        """Count an actor's followers."""
        followers = self.tables.followers
        counted = sa.select(sa.func.count()).where(followers.c.actor == actor)
        return int((await self.run(tx, counted)).scalar_one())

    async def followers_at(
        self, tx: Tx, actor: str, peers: Sequence[str], most: int
    ) -> dict[str, list[str]]:
        """List an actor's followers at some peers; peers with more than `most` are left out."""
        followers = self.tables.followers
        here = (followers.c.actor == actor, followers.c.peer.in_(peers))
        counted = sa.select(followers.c.peer).where(*here).group_by(followers.c.peer)
        many = counted.having(sa.func.count() > most)
        left_out = many.add_columns(sa.cast(sa.null(), sa.Text()).label("follower"))
        chosen = sa.select(followers.c.peer, followers.c.follower)
        chosen = chosen.where(*here, followers.c.peer.not_in(many))
        found: dict[str, list[str]] = {peer: [] for peer in peers}
        for row in await self.run(tx, chosen.union_all(left_out)):
            if row.follower is None:
                del found[row.peer]
            else:
                found[row.peer].append(row.follower)
        return found

    async def peers(self, tx: Tx, limit: int = 1_000) -> Sequence[Peer]:
        """List the peers, those with the most waiting first."""
        peers, deliveries = self.tables.peers, self.tables.deliveries
        waiting = (
            sa.select(deliveries.c.peer, sa.func.count().label("waiting"))
            .where(in_state(deliveries.c.state, "ready"))
            .group_by(deliveries.c.peer)
            .subquery()
        )
        number = sa.func.coalesce(waiting.c.waiting, 0)
        statement = (
            sa.select(peers, number.label("waiting"))
            .outerjoin(waiting, waiting.c.peer == peers.c.origin)
            .order_by(number.desc(), peers.c.origin)
            .limit(limit)
        )
        return [
            Peer(
                origin=row.origin,
                failures=row.failures,
                failing_since=row.failing_since,
                last_heard=row.last_heard,
                last_delivered=row.last_delivered,
                waiting=row.waiting,
                keys_changed=row.keys_changed,
            )
            for row in await self.run(tx, statement)
        ]

    async def manner(self, tx: Tx, origin: str) -> tuple[str | None, datetime | None]:
        """Return how requests to a peer are signed and since when that is known, or None twice."""
        peers = self.tables.peers
        chosen = sa.select(peers.c.manner, peers.c.manner_since).where(peers.c.origin == origin)
        row = (await self.run(tx, chosen)).first()
        return (row.manner, row.manner_since) if row else (None, None)

    async def remember_manner(self, tx: Tx, origin: str, manner: str, now: datetime) -> None:
        """Remember how requests to a peer are signed."""
        peers = self.tables.peers
        await self.within(tx, self.touch, [origin], now)
        found = sa.update(peers).where(peers.c.origin == origin)
        await self.run(tx, found.values(manner=str(manner), manner_since=now))

    async def _shared_inbox(self, tx: Tx, iri: str) -> str | None:
        actors = self.tables.actors
        found = await self.run(
            tx, sa.select(actors.c.shared_inbox, actors.c.inbox).where(actors.c.id == iri)
        )
        row = found.first()
        return (row.shared_inbox or row.inbox) if row else None
