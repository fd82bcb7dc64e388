"""Everything the other features may ask of groups, by the contract's names."""

from __future__ import annotations

from instance.groups.belonging import (
    ask_to_join,
    belongings,
    count_belongings,
    leave,
    people_in,
    standings,
)
from instance.groups.capacity import capacity
from instance.groups.founding import change_asked, create_group, group, groups, require_group
from instance.groups.importing import add_by_import
from instance.groups.links import end_links, invite_link, link_is_good, newest_link
from instance.groups.membership import (
    accept_member,
    handle_of,
    handles_of,
    invite_person,
    is_member,
    members,
    name_for,
    names_for,
    persons,
    refuse_member,
    remove_member,
    request,
    requests,
)
from instance.groups.models import MemberState
from instance.groups.moving import confirm_alias, move, name_home, named_home
from instance.groups.sharing import share_of, shares, sharing
from instance.groups.views import (
    Asked,
    Belonging,
    FoundGroup,
    FoundPerson,
    GroupView,
    HalfDay,
    LinkView,
    MemberShare,
    MemberView,
    Question,
    Questions,
    RequestView,
    found_here,
)

__all__ = [
    "Asked",
    "Belonging",
    "FoundGroup",
    "FoundPerson",
    "GroupView",
    "HalfDay",
    "LinkView",
    "MemberShare",
    "MemberState",
    "MemberView",
    "Question",
    "Questions",
    "RequestView",
    "accept_member",
    "add_by_import",
    "ask_to_join",
    "belongings",
    "capacity",
    "change_asked",
    "confirm_alias",
    "count_belongings",
    "create_group",
    "end_links",
    "found_here",
    "group",
    "groups",
    "handle_of",
    "handles_of",
    "invite_link",
    "invite_person",
    "is_member",
    "leave",
    "link_is_good",
    "members",
    "move",
    "name_for",
    "name_home",
    "named_home",
    "names_for",
    "newest_link",
    "people_in",
    "persons",
    "refuse_member",
    "remove_member",
    "request",
    "requests",
    "require_group",
    "share_of",
    "shares",
    "sharing",
    "standings",
]
