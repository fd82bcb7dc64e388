"""Who receives what: one ordered table, in which several features may share a chain of types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from federation import Activity, Federation, IfThere, Iri
from federation.routing import Needs, Receiver
from instance import reconciliation
from instance.db import Tx

When = Callable[[Activity], bool]


class Received(msgspec.Struct, frozen=True):
    """A chain of types, who receives it, and which documents are fetched before.

    Several may name one chain: the first whose `when` says yes to an activity receives it (a Note
    is a job, a vote, a reply or a mention), and who hears it `besides`. A Delete or Announce says
    no more than an id, so all who name it hear of it.
    """

    types: tuple[str, ...]
    receiver: Receiver
    needs: Needs | None = None
    when: When | None = None
    besides: bool = False


def register(federation: Federation, table: Sequence[Received]) -> None:
    """Name to the federation who receives what, in the table's order."""
    for chain in dict.fromkeys(one.types for one in table):
        sharing = [one for one in table if one.types == chain]
        receiver, needs = sharing[0].receiver, sharing[0].needs
        if len(sharing) > 1 or sharing[0].when is not None:
            receiver, needs = _receiver(chain, sharing), _needs(chain, sharing)
        kind = reconciliation.kind_of(chain)
        federation.on(*chain, receiver=receiver, needs=needs, kind=kind)


def _receiver(chain: tuple[str, ...], sharing: Sequence[Received]) -> Receiver:
    async def receive(tx: Tx, activity: Activity) -> None:
        for one in _chosen(chain, sharing, activity):
            await one.receiver(tx, activity)

    return receive


def _needs(chain: tuple[str, ...], sharing: Sequence[Received]) -> Needs:
    def needs(activity: Activity) -> Iterable[Iri | IfThere]:
        for one in _chosen(chain, sharing, activity):
            yield from one.needs(activity) if one.needs else ()

    return needs


def _chosen(
    chain: tuple[str, ...], sharing: Sequence[Received], activity: Activity
) -> list[Received]:
    willing = [one for one in sharing if one.when is None or one.when(activity)]
    if chain[0] == "Delete" or "Announce" in chain[:2]:
        return willing
    first = [one for one in willing if not one.besides][:1]
    return first + [one for one in willing if one.besides]
