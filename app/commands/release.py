"""`storeline release`."""

from __future__ import annotations

import click

from app import migrations
from app.config import Settings


@click.command()
@click.pass_obj
def command(settings: Settings) -> None:
    """Bring the database to the newest version."""
    migrations.upgrade(settings.database)
