"""What can go wrong with something the network sent, as answers a server can give."""

from collections.abc import Mapping
from typing import ClassVar


class FederationError(Exception):
    """A refusal with one sentence that says why (`sentence`), fit for people and logs.

    `status` is the HTTP status a receiver answers with. The base class is raised by nobody.
    """

    status: ClassVar[int] = 500

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    @property
    def headers(self) -> Mapping[str, str]:
        """What the answer carries besides."""
        return {}


class Malformed(FederationError):
    """What was sent cannot be read, whoever sent it."""

    status = 400


class TooLarge(Malformed):
    """What was sent is more than anybody needs to say at once."""

    status = 413


class TooSlow(FederationError):
    """The sender took too long to say it."""

    status = 408


class Unauthenticated(FederationError):
    """Nothing proves that the sender is who it says it is."""

    status = 401


class Forbidden(FederationError):
    """The sender is known, and may not do this."""

    status = 403


class Gone(FederationError):
    """What was asked for existed once and never will again."""

    status = 410


class Missing(Gone):
    """What was asked for is not there; unlike what is gone, it may have been or come."""

    status = 404


class Unreachable(FederationError):
    """A key or document could not be fetched now; the same request may pass later."""

    status = 503


class TryLater(FederationError):
    """A receiver does not know the predecessor of an activity yet: process it again later."""

    status = 503
