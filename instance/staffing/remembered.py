"""Answers that take long to compute, kept for a moment by what was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import matching

Answer = TypeVar("Answer")

MOST = 8


class Remembered(Generic[Answer]):
    """Computes answers to problems; one that was asked a moment ago is not computed again.

    By the problem's hash are kept the last few answers, and nothing of what people share. To be
    asked in an executor, outside any transaction: it takes seconds for a large group.
    """

    def __init__(self, compute: Callable[[matching.Problem], Answer]) -> None:
        self._compute = compute
        self._kept: dict[str, Answer] = {}

    def answer(self, problem: matching.Problem) -> Answer:
        """Return the answer to a problem."""
        name = matching.problem_hash(problem)
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        answer = self._compute(problem)
        if len(self._kept) >= MOST:
            oldest = list(self._kept)[0]  # noqa: RUF015  # at once: other threads add to it
            self._kept.pop(oldest, None)
        self._kept[name] = answer
        return answer
