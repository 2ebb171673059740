"""`storeline web`."""

from __future__ import annotations

import click

from app import serve
from app.config import Settings


@click.command()
@click.pass_obj
def command(settings: Settings) -> None:
    """Serve the app."""
    serve.web(settings)
