"""The command line: every command of the program, and nothing else."""

from __future__ import annotations

import os
from importlib import import_module

import click

from instance import __version__
from instance.commands.sentences import Sentences

# Command → the module that holds it, imported when it is asked for: `--version` needs no database.
COMMANDS = {
    "demo": "instance.demo.command",
    "init": "instance.commands.setup",
    "serve": "instance.commands.serving",
    "courier": "instance.commands.serving",
    "migrate": "instance.commands.serving",
    "doctor": "instance.commands.checkup",
    "person": "instance.commands.people",
    "group": "instance.commands.people",
    "import": "instance.commands.data",
    "export": "instance.commands.data",
    "keys": "instance.commands.keys",
    "match": "instance.commands.planning",
    "peers": "instance.commands.moderation",
    "block": "instance.commands.moderation",
    "deliveries": "instance.commands.care",
    "backup": "instance.commands.care",
    "restore": "instance.commands.care",
    "test": "instance.commands.development",
    "bench": "instance.commands.development",
    "screenshots": "instance.commands.development",
    "translate": "instance.commands.development",
}
_NAMED_OTHERWISE = {"import": "import_"}  # a word of Python


class Commands(Sentences):
    """The commands above, in that order."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Name every command."""
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import a command by its name."""
        if name not in COMMANDS:
            return None
        found = getattr(import_module(COMMANDS[name]), _NAMED_OTHERWISE.get(name, name))
        assert isinstance(found, click.Command)
        return found


@click.group(cls=Commands, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="ayni")
def main() -> None:
    """A federated network where worker co-operatives lend each other labour."""
    os.umask(0o077)  # what it writes holds people's weeks: for the server's user alone
