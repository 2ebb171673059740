"""The `storeline` command."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import click

from app import commands, log
from app.config import ConfigurationError, Settings


class Commands(click.Group):
    """The commands in app/commands by the names of their files: a process imports what it runs, and no more."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Their names."""
        return sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(commands.__path__))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of a name; None if there is none."""
        if name not in self.list_commands(context):
            return None
        module = importlib.import_module(f"{commands.__name__}.{name.replace('-', '_')}")
        found: click.Command = module.command
        found.name = name
        return found


@click.group(cls=Commands)
@click.pass_context
def main(context: click.Context) -> None:
    """Storeline: the bridge between BigCommerce stores and CRMs."""
    if context.invoked_subcommand == "sandbox":
        return  # a stand-in knows nothing of our settings
    try:
        context.obj = Settings.from_env()
    except ConfigurationError as error:
        for problem in error.problems:
            click.echo(f"configuration: {problem}", err=True)
        sys.exit(2)
    log.configure(context.obj.log_level)


if __name__ == "__main__":
    main()
