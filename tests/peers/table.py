"""The generated parts of FEDERATION.md. To write them anew: python -m tests.peers.table"""

import re
from pathlib import Path

from instance.app import FEDERATION, RECEIVERS, create_app
from instance.labour import CODES, TERMS
from instance.loans.refusals import REFUSALS
from instance.settings import Settings
from tests.peers import boxes, limits, shapes

DOCUMENT = Path(__file__).resolve().parents[2] / "FEDERATION.md"
COMMAND = "python -m tests.peers.table"


def chains():
    """Return every chain of types that is received, and by which part of the program."""
    settings = Settings(
        origin="https://care.example", name="Care", database="sqlite+aiosqlite:///unused.db"
    )
    features = {}
    for one in RECEIVERS:
        features.setdefault(one.types, []).append(one.receiver.__module__.split(".")[1])
    app = create_app(settings, courier=False)
    return {
        chain: sorted(set(features.get(chain, ["federation"])))
        for chain in app[FEDERATION].effects.chains
    }


def receivers_table():
    """Write who receives what, one line for each first word and part of the program."""
    rows = {}
    for chain, parts in chains().items():
        verb, rest = chain[0], "{".join(chain[1:]) + "}" * (len(chain) - 2)
        rows.setdefault((verb, ", ".join(parts)), []).append("anything" if rest == "*" else rest)
    lines = [
        f"| `{verb}` | {', '.join(f'`{one}`' for one in sorted(objects))} | {part} |"
        for (verb, part), objects in sorted(rows.items())
    ]
    return ["| activity | of | received by |", "|---|---|---|", *lines]


def peers_table():
    """Write which peer reads which shape, and why not, from runs of the peers themselves."""
    pairs = shapes.keys()
    documents = shapes.actors(pairs)
    actors = {f"an actor document ({one['type']})": one for one in documents.values()}
    documents |= {one["id"]: one for one in (*shapes.SHAPES.values(), shapes.NOTE)}
    lines = []
    for name, document in {**actors, **shapes.SHAPES}.items():
        cells = [boxes.reading(peer, document, documents) for peer in boxes.VERSIONS]
        shown = " | ".join("reads" if cell is None else cell for cell in cells)
        lines.append(f"| {name if ' ' in name and '{' not in name else f'`{name}`'} | {shown} |")
    peers = " | ".join(f"{peer} {version}" for peer, version in boxes.VERSIONS.items())
    return [f"| what we send | {peers} |", "|---|---|---|", *lines]


def terms_table():
    """Write what each word of our own means."""
    lines = [f"| `{name}` | {meaning} |" for name, meaning in sorted(TERMS.items())]
    return ["| word | means |", "|---|---|", *lines]


def codes_table():
    """Write what each code means: of people and hours, and of loans."""
    clauses = {code: one.clause for code, one in REFUSALS.items() if code not in CODES}
    lines = [f"| `{code}` | {meaning} |" for code, meaning in (CODES | clauses).items()]
    return ["| code | means |", "|---|---|", *lines]


PARTS = {
    "receivers": receivers_table,
    "peers": peers_table,
    "terms": terms_table,
    "codes": codes_table,
    "limits": limits.limits_table,
    "amounts": limits.amounts_table,
}


def written_anew(text):
    """Return the document's text with its generated parts as they are now."""
    for name, part in PARTS.items():
        between = re.compile(rf"(<!-- {name}: .*?-->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        lines = "\n".join(part())
        text, found = between.subn(lambda m, lines=lines: f"{m[1]}{lines}\n{m[2]}", text)
        assert found == 1, f"FEDERATION.md has one place for {name}"
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(written_anew(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
