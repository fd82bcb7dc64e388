"""The catalogue of what a group may ask a person to share, in plain words."""

from __future__ import annotations

import msgspec


def _(message: str) -> str:
    """Mark a sentence for translation; it is translated where it is shown."""
    return message


class Field(msgspec.Struct, frozen=True):
    """One thing that can be shared: its name, what exactly is sent, and why a group asks."""

    key: str
    label: str
    sent: str
    why: str


FIELDS: dict[str, Field] = {
    one.key: one
    for one in (
        Field(
            "name",
            _("Your name"),
            _("The name you go by. Without it the group sees your username."),
            _("So that leaders and workmates know what to call you."),
        ),
        Field(
            "skills",
            _("Your skills"),
            _("Each skill and how well you know it."),
            _("So that you are asked for work that fits you."),
        ),
        Field(
            "certificates",
            _("Your certificates"),
            _("Which ones you hold and until when they are valid."),
            _("Some work may only be done with a valid certificate."),
        ),
        Field(
            "languages",
            _("Your languages"),
            _("The languages you can work in."),
            _("So that you understand the people you work with."),
        ),
        Field(
            "district",
            _("Your district"),
            _("The district only, never your address."),
            _("So that you are asked for work that is near."),
        ),
        Field(
            "weekly_hours",
            _("Your hours a week"),
            _("How many hours a week you want to work at the most."),
            _("So that nobody asks you for more than you want."),
        ),
        Field(
            "availability",
            _("When you are free"),
            _(
                "Your free hours of the next six weeks and whether you are of full age; "
                "never why you are not free."
            ),
            _("So that you are asked only for times when you could come."),
        ),
        Field(
            "phone",
            _("Your telephone number"),
            _("The number you gave at your own co-op."),
            _("So that the leader can ring you on the day."),
        ),
        Field(
            "email",
            _("Your e-mail address"),
            _("The address you gave at your own co-op."),
            _("So that the group can write to you."),
        ),
    )
}
