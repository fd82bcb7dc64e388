"""The project's own source files as rules read them."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("federation", "instance", "matching")


@dataclass(frozen=True)
class Source:
    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Every imported name in full, `from a.b import c` as a.b.c, wherever it stands."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found


@cache
def sources(*folders: str) -> list[Source]:
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    paths = [path for path in paths if path.parent.name != "versions"]  # migrations: as generated
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths]


Rule = Callable[[Source], Iterator[str]]


def faults(rule: Rule, *folders: str) -> list[str]:
    """Name every fault with its file, so that a failing test reads as a list of things to mend."""
    return [f"{source.path}:{fault}" for source in sources(*folders) for fault in rule(source)]
