"""Whom to tell of reports: administrators, and the leaders of the group that it is about."""

from __future__ import annotations

from instance.db import Tx
from instance.moderation.events import ReportReceived
from instance.network import service as network
from instance.notices.service import tell
from instance.people import service as people


async def report_received(tx: Tx, happened: ReportReceived) -> None:
    """Tell of a report, unless who sent it is limited: then it stands on the page alone."""
    if network.is_limited(tx, happened.by):
        return
    told = list(await people.administrators(tx))
    for group in happened.groups:
        told += await people.leaders_of(tx, group)
    await tell(tx, dict.fromkeys(told), "reported", {}, f"/reports/{happened.report}")
