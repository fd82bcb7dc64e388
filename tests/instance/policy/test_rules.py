"""The rules in force come from packs of data that everybody can read."""

from __future__ import annotations

import pytest

from instance.policy import service as policy


@pytest.mark.parametrize("name", policy.packs())
def test_every_pack_has_every_rule_with_its_words_and_its_source(name):
    pack = policy.pack(name)
    rules = policy.rules_of(name)
    assert (pack.id, rules.pack_id, rules.version) == (name, name, pack.version)
    assert 0 < rules.rest_minutes < 24 * 60
    assert rules.daily_cap_minutes < rules.weekly_cap_minutes <= 7 * 24 * 60
    assert rules.minimum_age_years >= 13
    assert rules.notice_minutes >= 0
    for rule in pack.rule:
        assert rule.severity in {"block", "confirm"}
        assert rule.text_en
        assert rule.text_zh_hant
        assert rule.legal_ref("en") != rule.legal_ref("zh-Hant")


async def test_an_instance_works_by_the_pack_of_its_settings(world):
    for name, wage in (("hk", 4310), ("generic", None)):
        running = await world.instance(name, policy=name)
        async with running.database.reading() as tx:
            rules = await policy.rules(tx)
        assert (rules.pack_id, rules.minimum_wage_cents_per_hour) == (name, wage)


def test_what_blocks_and_what_asks_differ_from_place_to_place():
    assert policy.rules_of("generic").blocks("rest_minutes")
    assert not policy.rules_of("hk").blocks("rest_minutes")
    assert policy.rules_of("hk").blocks("minimum_age_years")


@pytest.mark.parametrize("name", ["nowhere", "../hk", ""])
def test_a_pack_that_is_not_there_is_named_with_those_that_are(name):
    with pytest.raises(LookupError, match="generic"):
        policy.pack(name)
