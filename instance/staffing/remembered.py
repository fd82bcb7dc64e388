"""Answers that take long to compute: made beside the server's other work, and kept for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Generic, TypeVar

import matching

Answer = TypeVar("Answer")

MOST = 8

_EXECUTOR: Final = ThreadPoolExecutor(1, "remembered")
"""One at a time in each process: the others wait for their turn."""


class Remembered(Generic[Answer]):
    """Computes answers to problems; one that was asked a moment ago is not computed again.

    By the problem's hash are kept the last few answers, and nothing of what people share. To be
    asked outside any transaction: it takes seconds for a large group.
    """

    def __init__(self, compute: Callable[[matching.Problem], Answer]) -> None:
        self._compute = compute
        self._kept: dict[str, Answer] = {}
        self._under_way: dict[str, Future[Answer]] = {}

    def answer(self, problem: matching.Problem) -> Answer:
        """Return the answer to a problem; to be called in an executor."""
        return self._answer(matching.problem_hash(problem), problem)

    async def within(self, problem: matching.Problem, seconds: float) -> Answer | None:
        """Return the answer, or None when it is not there in time; it is computed all the same.

        Whoever asks the same meanwhile waits for the same computation.
        """
        name = await asyncio.to_thread(matching.problem_hash, problem)
        if name in self._kept:
            return self._kept[name]
        making = self._under_way.get(name)
        if making is None:
            making = self._under_way[name] = _EXECUTOR.submit(self._answer, name, problem)
            making.add_done_callback(lambda _: self._under_way.pop(name, None))
        waited = asyncio.ensure_future(asyncio.wrap_future(making))
        done, _ = await asyncio.wait({asyncio.shield(waited)}, timeout=seconds)
        return done.pop().result() if done else None

    def _answer(self, name: str, problem: matching.Problem) -> Answer:
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        answer = self._compute(problem)
        if len(self._kept) >= MOST:
            oldest = list(self._kept)[0]  # noqa: RUF015  # at once: other threads add to it
            self._kept.pop(oldest, None)
        self._kept[name] = answer
        return answer
