"""The working-time and pay rules in force, read from packs of data and not from code."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources

import msgspec

from instance.db import Tx

_TIMES = ("rest_minutes", "weekly_cap_minutes", "daily_cap_minutes", "notice_minutes")


class Rule(msgspec.Struct, frozen=True):
    """One rule: what it limits, by how much, and whether it blocks or asks to be confirmed."""

    id: str
    kind: str
    value: int
    severity: str
    legal_ref_en: str
    legal_ref_zh_hant: str
    text_en: str
    text_zh_hant: str

    @property
    def blocks(self) -> bool:
        """Whether nothing and nobody may go beyond it."""
        return self.severity == "block"

    def text(self, language: str) -> str:
        """Say the rule in a language."""
        return self.text_zh_hant if language == "zh-Hant" else self.text_en

    def legal_ref(self, language: str) -> str:
        """Say in a language which law the rule follows, or that it is the co-op's own."""
        return self.legal_ref_zh_hant if language == "zh-Hant" else self.legal_ref_en


class Title(msgspec.Struct, frozen=True):
    """What a pack is called."""

    en: str
    zh_hant: str


class Pack(msgspec.Struct, frozen=True):
    """The rules of one place, with their version and since when they hold."""

    id: str
    version: str
    effective_from: date
    title: Title
    rule: tuple[Rule, ...]

    def name(self, language: str) -> str:
        """Return what the pack is called in a language."""
        return self.title.zh_hant if language == "zh-Hant" else self.title.en

    def of(self, kind: str) -> Rule | None:
        """Return the rule of one kind, if the pack has it."""
        return next((one for one in self.rule if one.kind == kind), None)


class Rules(msgspec.Struct, frozen=True):
    """What every promise is held against. Times are minutes, pay is the smallest unit per hour."""

    rest_minutes: int
    weekly_cap_minutes: int
    daily_cap_minutes: int
    minimum_age_years: int
    notice_minutes: int
    pack_id: str
    version: str
    minimum_wage_cents_per_hour: int | None = None
    blocking: frozenset[str] = frozenset()

    def blocks(self, kind: str) -> bool:
        """Tell whether the rule of a kind, such as `rest_minutes`, may never be broken."""
        return kind in self.blocking


async def rules(tx: Tx) -> Rules:
    """Return the rules of this instance."""
    return rules_of(tx.settings.policy)


@cache
def rules_of(name: str) -> Rules:
    """Return the rules of a pack; raise LookupError when there is no such pack."""
    found = pack(name)
    values = {one.kind: one.value for one in found.rule}
    return Rules(
        **{kind: values[kind] for kind in (*_TIMES, "minimum_age_years")},
        pack_id=found.id,
        version=found.version,
        minimum_wage_cents_per_hour=values.get("minimum_wage_cents_per_hour"),
        blocking=frozenset(one.kind for one in found.rule if one.blocks),
    )


@cache
def pack(name: str) -> Pack:
    """Read a pack; raise LookupError when there is none of this name."""
    if name not in packs():
        raise LookupError(f"there are no rules called {name}; known are {', '.join(packs())}")
    text = (_folder() / f"{name}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Pack)


@cache
def packs() -> tuple[str, ...]:
    """Name the packs that come with the program."""
    files = (one.name for one in _folder().iterdir())
    return tuple(sorted(name[:-5] for name in files if name.endswith(".toml")))


def _folder() -> resources.abc.Traversable:
    return resources.files("instance.policy") / "packs"
