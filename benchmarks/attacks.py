"""Take the check against each known attack out in turn, and see that attack's test fail.

./ayni bench attacks            prints a table; with --check it exits 1 when a check is not missed
./ayni bench attacks 9 24       only these attacks
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = (
    "tests/federation/test_attacks.py",
    "tests/federation/test_attacks_by_amount_and_form.py",
    "tests/journeys/test_attacks_on_an_instance.py",
    "tests/instance/alliances/test_received.py",
    "tests/instance/loans/test_received.py",
)
LEFT_BEHIND = shutil.ignore_patterns(".venv", ".git", "__pycache__", ".*_cache", "*.pyc")
LONGEST = 300
FAILED = 1
"""What pytest exits with when tests ran and one of them failed."""

ATTACKS = {
    1: "an id of another host",
    2: "an uploaded file for an actor",
    3: "a signature of one over the words of another",
    4: "an embedded object of somebody else",
    5: "a signature that leaves something out",
    6: "a captured request sent again",
    7: "keywords that restructure a document",
    8: "a context that renames our words",
    9: "an address inside our own network",
    10: "a redirect to elsewhere",
    11: "an answer without an end",
    12: "a message that makes us fetch many",
    13: "one host written in two ways",
    14: "scripts in what is shown",
    15: "more and longer than anybody needs",
    16: "a request that accepts itself",
    17: "a way around a block",
    18: "telling the private from the missing",
    19: "a forged stamp of agreement",
    20: "an account linked by e-mail",
    21: "a redirect of ours to elsewhere",
    22: "files brought in by pictures",
    23: "a storm of farewells",
    24: "a forgery inside an Announce",
    25: "a move that is not the account's own",
    26: "a key on something that is no actor",
    27: "a deal that is changed or answered twice",
}


@dataclass(frozen=True)
class Change:
    """One piece of code, and what stands in its place when the check is out."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Check:
    """What stops an attack, and the changes that take it out in every layer."""

    attack: int
    name: str
    changes: tuple[Change, ...]


def check(attack: int, name: str, *changes: tuple[str, str, str]) -> Check:
    """Write a check down, each change as a path, the old and the new text."""
    return Check(attack, name, tuple(Change(*one) for one in changes))


FETCH, CAVAGE, ROUTING = "federation/fetch.py", "federation/cavage.py", "federation/routing.py"
ACTIVITY, INBOX, ACTORS = "federation/activity.py", "federation/inbox.py", "federation/actors.py"
BEFORE_ROUTING = "        chain = [activity.type]\n"
SEEN = "[Iri(one['url']) for one in [activity.object.get('icon')] if isinstance(one, dict)]"

CHECKS = (
    check(
        1, "who answers is of the host asked", (FETCH, "not same_origin(iri, expected)", "False")
    ),
    check(2, "content types", (FETCH, "if not _is_activity_type(content_type)", "if False")),
    check(
        3,
        "the signer is the actor",
        (
            "federation/authentication.py",
            "if signer == activity.actor",
            "if signer",
        ),
    ),
    check(4, "owner and origin", (ACTIVITY, "owner_of(inner) not in {None, self.actor}", "False")),
    check(5, "no header twice", ("federation/signing.py", "if len(values) > 1", "if False")),
    check(
        5,
        "the digest fits the body",
        (
            CAVAGE,
            'not hmac.compare_digest(decoded(stated[0], "The digest"), sha256(body).digest())',
            "False",
        ),
    ),
    check(6, "signed for this host", (CAVAGE, '    _require_host(fields["host"], origin)\n', "")),
    check(6, "signed lately", (CAVAGE, "    _require_fresh(fields, parameters, now)\n", "")),
    check(7, "three keywords", (ACTIVITY, "if not _RESTRUCTURING.isdisjoint(inner)", "if False")),
    check(
        8,
        "pinned terms",
        (ACTIVITY, "if not isinstance(meaning, str) or meaning not in allowed", "if False"),
    ),
    check(
        9,
        "public addresses only",
        (FETCH, "if address is not None and not self.allows(address)", "if False"),
    ),
    check(
        10, "no delivery onward", ("federation/attempts.py", "redirects=False", "redirects=True")
    ),
    check(
        10,
        "no fetch onward",
        (FETCH, "not (leave or onward.origin() == target.origin())", "False"),
        (FETCH, "        _require_origin(url, iri)\n", ""),
    ),
    check(
        11,
        "a deadline",
        (FETCH, "asyncio.timeout(self._client.reach.deadline):", "asyncio.timeout(None):"),
        (FETCH, "total=deadline, connect=deadline / 2", "total=None"),
    ),
    check(
        11,
        "a size",
        (FETCH, "if len(body) > MAX_BYTES", "if False"),
        (ACTIVITY, "if len(body) > MAX_BYTES", "if False"),
    ),
    check(12, "a number of fetches", (ROUTING, "if len(named) > MOST_NEEDS", "if False")),
    check(
        13,
        "hosts in one form",
        ("federation/iri.py", 'host.lower().removesuffix(".")', "host"),
    ),
    check(
        14,
        "cleaned words",
        ("instance/jobs/wording.py", "return nh3.clean(", "return html or nh3.clean("),
    ),
    check(15, "a number of addressees", (ACTIVITY, "if len(values) > MAX_ADDRESSEES", "if False")),
    check(15, "a depth", (ACTIVITY, "for _ in range(MAX_DEPTH + 1)", "for _ in range(MAX_BYTES)")),
    check(
        16,
        "the group's own yes",
        (
            "instance/groups/activities.py",
            'raise Malformed("The answer carries no proof of membership.")',
            "pass",
        ),
        (
            "instance/groups/activities.py",
            'belonging.record_accept(tx, activity.actor, Iri(str(join.get("id"))))',
            'belonging.record_accept(tx, Iri(str(join["object"])), Iri(str(join.get("id"))))',
        ),
    ),
    check(17, "blocked origins", ("federation/standing.py", "Standing.BLOCKED in found", "False")),
    check(
        18,
        "readers of the private",
        (
            "federation/collections.py",
            "not public and not await self._may_read(request, document, addressees)",
            "False",
        ),
    ),
    check(
        19,
        "the signature under terms",
        (
            "instance/alliances/activities.py",
            "verify_document(document, replace(reader, key=listed))",
            "pass",
        ),
        ("instance/alliances/activities.py", "if listed is None", "if False"),
    ),
    check(
        20,
        "the account's own word",
        ("instance/groups/moving_wire.py", "old not in home.also_known_as", "False"),
    ),
    check(
        21,
        "paths on this site",
        ("instance/people/routes/door.py", "not _PATH.fullmatch(text) or ", ""),
    ),
    check(
        22,
        "nothing is fetched for its pictures (put in)",
        (ROUTING, BEFORE_ROUTING, f"        await self._fetched({SEEN})\n{BEFORE_ROUTING}"),
    ),
    check(
        23,
        "strangers' own affairs",
        (INBOX, "if not (own_affair and await self._is_strange(activity.actor))", "if True"),
    ),
    check(
        24,
        "proofs of what is inside",
        (ROUTING, "await self._authentication.require_proof(inner, owner)", "pass"),
    ),
    check(
        25,
        "the other account's word",
        ("instance/groups/moving_wire.py", "old not in home.also_known_as", "False"),
    ),
    check(26, "kinds of actors", (ACTORS, " or kind not in ACTOR_TYPES", "")),
    check(
        27,
        "equal quantities",
        (
            "instance/loans/received.py",
            "{one.opening: one.places for one in result} != _numbers(places)",
            "False",
        ),
    ),
    check(
        27,
        "no larger by one side",
        (
            "instance/loans/received.py",
            "one.places > places[one.opening].places for one in result",
            "False for one in result",
        ),
    ),
)


def edited(check: Check, folder: Path) -> None:
    """Copy this tree and take a check out of the copy."""
    shutil.copytree(ROOT, folder, ignore=LEFT_BEHIND)
    for change in check.changes:
        path = folder / change.path
        text = path.read_text(encoding="utf-8")
        assert text.count(change.old) == 1, f"{change.path} holds {change.old!r} not just once"
        path.write_text(text.replace(change.old, change.new), encoding="utf-8")


def tests_of(attack: int, folder: Path) -> int:
    """Run the tests of an attack in a copy of the tree; returns what pytest exits with."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
            *("-k", f"test_{attack:02}_", *TESTS),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=LONGEST,
    ).returncode


def missed(check: Check) -> str:
    """Say whether anybody misses a check."""
    with tempfile.TemporaryDirectory(prefix="ayni_attack_") as place:
        folder = Path(place) / "tree"
        edited(check, folder)
        code = tests_of(check.attack, folder)
    if code == FAILED:
        return "missed"
    return "SURVIVES" if code == 0 else f"NOT RUN ({code})"


def passing(attack: int) -> str:
    """Say whether the tests of an attack pass as things are."""
    code = tests_of(attack, ROOT)
    return "" if code == 0 else f"FAILS AS IT IS ({code})"


def main(arguments: list[str]) -> int:
    """Print the table; return 1 when asked to check and a check is missed by nobody."""
    chosen = {int(one) for one in arguments if one.isdecimal()} or set(ATTACKS)
    checks = [one for one in CHECKS if one.attack in chosen]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        whole = dict(zip(sorted(chosen), pool.map(passing, sorted(chosen)), strict=True))
        without = list(pool.map(missed, checks))
    bad = [one for one in [*whole.values(), *without] if one not in {"", "missed"}]
    print(f"{'attack':50} {'check taken out':46} its test")
    for one, seen in zip(checks, without, strict=True):
        words = f"{one.attack:2}  {ATTACKS[one.attack]}"
        print(f"{words:50} {one.name:46} {whole[one.attack] or seen}")
    print(f"{len(checks)} checks of {len(chosen)} attacks; {len(bad)} not missed.")
    return 1 if bad and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
