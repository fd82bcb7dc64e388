"""What people can learn or renew: skills, levels, certificates, languages; what somebody lacks.

An attribute is one thing that one person may come to have. A skill she does not have, at the level
asked for, is one; a level above hers is one; so is a certificate that she lacks or that runs out
before the shift ends; so is a language.
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

from matching.model import HeldCertificate, HeldSkill, Identifier, Level, Opening, Worker

AttributeKind = Literal["skill", "level", "certificate", "language"]


class Attribute(
    msgspec.Struct, frozen=True, order=True, kw_only=True, forbid_unknown_fields=True, gc=False
):
    """One thing that a person may have; `level` is the one asked for, 0 where any will do.

    *level* stands for a skill that somebody has, but not at the level asked for.
    """

    kind: AttributeKind
    key: Identifier
    level: Level = 0


def lacking(worker: Worker, opening: Opening) -> tuple[Attribute, ...]:
    """List what a worker would need to meet all that an opening asks for; empty: she does."""
    need = opening.requirement
    found = []
    if need.skill is not None:
        levels = [held.level for held in worker.skills if held.key == need.skill]
        if not levels:
            found.append(Attribute(kind="skill", key=need.skill, level=need.level or 0))
        elif max(levels) < (need.level or 0):
            found.append(Attribute(kind="level", key=need.skill, level=need.level or 0))
    lasting = {
        held.key
        for held in worker.certificates
        if held.valid_until is None or held.valid_until >= opening.interval.end
    }
    found += [
        Attribute(kind="certificate", key=key) for key in need.certificates if key not in lasting
    ]
    found += [
        Attribute(kind="language", key=key) for key in need.languages if key not in worker.languages
    ]
    return tuple(found)


def asked_for(opening: Opening) -> tuple[Attribute, ...]:
    """List what an opening asks for, the skill with its level as one."""
    return lacking(Worker(id="nobody", groups=(), age_ok=True), opening)


def with_attribute(worker: Worker, attribute: Attribute) -> Worker:
    """Return a worker who has come to have this; a certificate does not run out."""
    if attribute.kind == "certificate":
        held = HeldCertificate(attribute.key)
        return replace(worker, certificates=(*worker.certificates, held))
    if attribute.kind == "language":
        return replace(worker, languages=(*worker.languages, attribute.key))
    return replace(worker, skills=(*worker.skills, HeldSkill(attribute.key, attribute.level)))
