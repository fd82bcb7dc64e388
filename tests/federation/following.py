"""A group elsewhere that somebody here follows, and whom its server thinks to follow it."""

from federation.kinds import digest_of
from federation.synchronizing import HEADER
from tests.federation.host import AS2, PUBLIC, activity


class Followed:
    """Whom a host follows: `rows` holds who follows whom, True where that was accepted."""

    def __init__(self, host):
        self.rows, self.told = {}, []
        host.federation.synchronizing.followings = self

    async def of(self, _tx, followed):
        return dict(self.rows.get(followed, {}))

    async def accepted(self, _tx, followed, follower):
        self.told.append(("accepted", followed, follower))

    async def lost(self, _tx, followed, follower):
        self.told.append(("lost", followed, follower))


class Green:
    """A group elsewhere which a person here follows."""

    def __init__(self, small, here, remote, green, me):
        self.small, self.here, self.remote, self.iri, self.me = small, here, remote, green, me
        self.followed = Followed(here)
        self.followed.rows[green] = {me: True}
        self.url = f"{green}/followers_synchronization"

    def lists(self, *items, **more):
        """Publish whom the group's server thinks to follow it."""
        document = {"@context": AS2, "id": self.url, "type": "OrderedCollection"}
        held = {} if "first" in more else {"orderedItems": list(items)}
        self.remote.documents[self.path] = {**document, **held, **more}

    @property
    def path(self):
        return self.url.removeprefix(self.remote.origin)

    @property
    def asked(self):
        return [path for path, _ in self.remote.fetches if "followers_synchronization" in path]

    def header(self, *followers, **changes):
        stated = {
            "collectionId": f"{self.iri}/followers",
            "url": self.url,
            "digest": digest_of(list(followers)),
        } | changes
        return {HEADER: ", ".join(f'{name}="{value}"' for name, value in stated.items())}

    async def says(self, header, signer=None, server=None):
        """Send something that states its followers; returns what was told of them here."""
        server, signer = server or self.remote, signer or self.iri
        said = activity(signer, to=[PUBLIC])
        status = await server.post(f"{self.here.origin}/inbox", said, signer=signer, more=header)
        assert status == 202
        await self.small.settle()
        return self.followed.told

    @property
    def undone(self):
        return [
            (one["actor"], one["object"]["object"], one["object"]["type"])
            for one in self.remote.received
            if one["type"] == "Undo"
        ]


async def follow_green(small, here, remote):
    """Let somebody here follow a group of a remote server, and both agree on it."""
    group = await small.actor(remote, "green", kind="Group")
    me = await here.add("Person", "mei")
    made = Green(small, here, remote, group, me)
    made.lists(me)
    return made
