"""That the tutorial in the package's docstring runs as it stands."""

import ast
import inspect
import textwrap

import federation


async def test_the_tutorial_runs():
    paragraphs = federation.__doc__.split("\n\n")
    code = "\n\n".join(one for one in paragraphs if one.startswith("    "))
    assert code.count("assert") >= 2

    compiled = compile(
        textwrap.dedent(code), "the tutorial", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )
    running = eval(compiled, {})

    assert inspect.iscoroutine(running)
    await running
