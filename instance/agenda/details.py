"""Where exactly, whom to call, what to bring: what a confirmed person is told for her shift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from federation import Iri
from instance.agenda.events import DetailsReceived
from instance.agenda.models import Promise, PromiseDetails
from instance.agenda.promise import PromiseState
from instance.db import Tx
from instance.errors import NotFound

_TOLD = (PromiseState.CONFIRMED, PromiseState.DONE)


async def keep_details(tx: Tx, commitment: Iri, teller: Iri, document: Mapping[str, Any]) -> None:
    """Keep what the group whose job it is tells about a promise that stands.

    Raises NotFound when the promise is not for a job of that group.
    """
    row = await _promise(tx, commitment, teller)
    if row.state not in _TOLD:
        return
    kept = await tx.get(PromiseDetails, row.invite)
    if kept:
        kept.document, kept.told = dict(document), tx.now
    else:
        tx.session.add(PromiseDetails(invite=row.invite, document=dict(document), told=tx.now))
    tx.emit(DetailsReceived(Iri(row.invite), Iri(row.person)))


async def forget_details(tx: Tx, commitment: Iri, teller: Iri) -> None:
    """Forget what was told; raises NotFound when somebody else asks."""
    row = await _promise(tx, commitment, teller)
    here = PromiseDetails.invite == row.invite
    await tx.session.execute(sa.delete(PromiseDetails).where(here))


async def _promise(tx: Tx, commitment: Iri, teller: Iri) -> Promise:
    """Find the promise by the id of her Commitment, if it names this group as the one served."""
    create = commitment.removesuffix("#commitment")
    found = await tx.session.scalars(
        sa.select(Promise).where(Promise.create == create, Promise.receiver == teller)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    return row
