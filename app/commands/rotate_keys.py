"""`storeline rotate-keys`."""

from __future__ import annotations

import click

from app.config import Settings
from app.runtime import Runtime
from app.sync import connections


@click.command()
@click.pass_obj
def command(settings: Settings) -> None:
    """Encrypt every stored token anew with the newest key of STORELINE_ENCRYPTION_KEYS."""
    click.echo(f"{connections.rotate(Runtime.build(settings))} tokens encrypted anew")
