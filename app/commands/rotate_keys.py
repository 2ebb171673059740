"""`storeline rotate-keys`."""

from __future__ import annotations

import click

from app.config import Settings
from app.sync import connections
from app.terminal import opened


@click.command()
@click.pass_obj
def command(settings: Settings) -> None:
    """Encrypt every stored token anew with the newest key of STORELINE_ENCRYPTION_KEYS."""
    click.echo(f"{connections.rotate(opened(settings))} tokens encrypted anew")
