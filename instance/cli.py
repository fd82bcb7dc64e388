"""The command line: every command of the program, and nothing else."""

from __future__ import annotations

import click

from instance import __version__
from instance.commands.development import bench, test, translate
from instance.commands.serving import courier, migrate, serve


@click.group(context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="ayni")
def main() -> None:
    """A federated network where worker co-operatives lend each other labour."""


for command in (serve, courier, migrate, test, bench, translate):
    main.add_command(command)
