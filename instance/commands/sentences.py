"""A group of commands whose list says of each its whole sentence."""

from __future__ import annotations

import click

LONGEST = 300


class Sentences(click.Group):
    """Lists its commands with what each is for; click by itself cuts that after 45 letters."""

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        found = [(name, self.get_command(context, name)) for name in self.list_commands(context)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(LONGEST)) for name, one in found if one]
            )
