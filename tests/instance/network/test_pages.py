"""What strangers look up about an instance."""

from __future__ import annotations

from instance.labour import CODES, TERMS


async def get(world, url, accept="text/html"):
    headers = {"Accept": accept}
    async with world.network.client() as client, client.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_every_term_of_ours_is_explained_at_its_own_address(world):
    care = await world.instance("care")

    status, page = await get(world, f"{care.origin}/ns/labour")

    assert status == 200
    for name, meaning in TERMS.items():
        assert f'id="{name}"' in page
        assert meaning.partition("'")[0] in page
    for code, meaning in CODES.items():
        assert f">&#34;{code}&#34;<" in page or f'>"{code}"<' in page
        assert meaning in page


async def test_nodeinfo_names_the_actor_that_signs_and_nobody_else(world):
    care, remote = await world.instance("care"), await world.remote()

    _, links = await remote.get(f"{care.origin}/.well-known/nodeinfo")
    status, about = await remote.get(links["links"][0]["href"])

    assert links["links"][-1]["href"] == f"{care.origin}/actor"
    assert (status, about["version"], about["software"]["name"]) == (200, "2.1", "ayni")
    assert about["usage"]["users"] == {"total": 0}
