"""How a delivery went, in plain words instead of the network's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from instance.language import N_

_REASONS: Mapping[str, str] = {
    "the peer says the message is malformed": N_("They say that they cannot read it."),
    "the peer refuses us": N_("They refuse what comes from us."),
    "the peer knows no such inbox": N_("They know no such address."),
    "the peer knows no such actor": N_("They know no such address."),
    "the peer takes no messages there": N_("They take no messages there."),
    "the peer takes no messages there any more": N_("They take no messages there any more."),
    "the peer does not take our format": N_("They do not take messages of this form."),
    "the peer finds the message too large": N_("It is too large for them."),
    "the peer cannot use the message": N_("They cannot use it."),
    "the peer does not know this kind of message": N_("They do not know messages of this kind."),
    "the peer does not take our signature": N_("They do not believe our signature."),
    "the peer says this actor is gone": N_("The account it was for is gone."),
    "this actor is gone": N_("The account it was for is gone."),
    "the peer does not say whether this actor is gone": N_(
        "They do not say whether the account it was for is gone."
    ),
    "the peer had an error of its own": N_("Their server had a fault of its own."),
    "the peer fails at this message": N_("Their server stumbles over this message."),
    "the peer fails at every message": N_("Their server stumbles over every message."),
    "the peer cannot be reached": N_("Their server cannot be reached."),
    "the peer asks us to wait": N_("They ask us to wait."),
    "the peer was silent for a week": N_("They were silent for a week, and it was a public post."),
    "the sender no longer exists here": N_("Who sent it no longer has an account here."),
    "something went wrong here with this delivery": N_("Something went wrong on our side."),
    "This address is blocked here.": N_("This address is blocked here."),
    "They have blocked the sender.": N_("They have blocked who sent it."),
}
_ANSWERED = re.compile(r"the peer answered (?P<code>[0-9]{3})")


def said(reason: str | None) -> tuple[str, dict[str, Any]]:
    """Return how a delivery went as a sentence to translate, and what fills its places."""
    if not reason:
        return "", {}
    answered = _ANSWERED.fullmatch(reason)
    if answered:
        return N_("They answered with the code %(code)s."), {"code": answered["code"]}
    return _REASONS.get(reason, N_("It went wrong: %(reason)s")), (
        {} if reason in _REASONS else {"reason": reason}
    )
